using System.Xml;
using System.Xml.Linq;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads Pascal VOC annotations: one XML file per image. "difficult" objects become crowds: excluded from training and ignored in
/// evaluation.</summary>
/// <remarks>Document types and external entities are rejected. Class names come from <see cref="ReadOptions.Categories"/>, else from
/// classes.txt in the folder (one name per line), else from the annotations, sorted.</remarks>
internal static class VocReader
{
    private const long MaxFile = 4 << 20;
    private const int MaxDepth = 32;
    private static readonly string[] Extensions = [.. ImageHeader.Extensions, .. ImageHeader.Extensions.Select(extension => extension.ToUpperInvariant())];

    /// <summary>Reads a folder or a single file.</summary>
    /// <param name="path">The folder that holds "Annotations", or XML files themselves, or one XML file. With <see cref="ReadOptions.Split"/>,
    /// ImageSets/Main/SPLIT.txt names the files and their order; otherwise all files are read, sorted by name. Images are searched in
    /// JPEGImages, images, beside the XML, and in the folder itself.</param>
    /// <param name="options">How to read; null takes the defaults.</param>
    /// <exception cref="DatasetException">A file is invalid; the message names file, record and field.</exception>
    public static DetectionDataset Read(string path, ReadOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var faults = new FaultLog(options.OnInvalid);
        var images = new ImageBuilder(faults);
        var (root, files) = Files(path, options);
        var folder = Path.GetDirectoryName(files[0])!;
        var finder = new ImageFinder(options, faults, root, Path.Combine(root, "JPEGImages"), Path.Combine(root, "images"), folder, root);
        foreach (var file in files)
            ReadFile(file, images, finder, faults, options);
        var classes = Path.Combine(root, "classes.txt");
        var names = File.Exists(classes)
            ? DatasetFile.ReadLines(classes).Select(line => line.Trim()).Where(line => line.Length > 0).Distinct().ToArray()
            : options.Categories ?? images.CategoryNames;
        var table = CategoryTable.FromNames(names, options.Categories);
        return images.ToDataset(Path.GetFileName(root), table, options);
    }

    /// <summary>Whether a folder has a split of that name.</summary>
    public static bool HasSplit(string root, string split) => File.Exists(Path.Combine(root, "ImageSets", "Main", split + ".txt")) || SplitFolder(root, split) is not null;

    private static (string Root, string[] Files) Files(string path, ReadOptions options)
    {
        if (File.Exists(path))
        {
            var above = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return (Path.GetFileName(above) == "Annotations" ? Path.GetDirectoryName(above)! : above, [Path.GetFullPath(path)]);
        }
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var folder = Directory.Exists(Path.Combine(root, "Annotations")) ? Path.Combine(root, "Annotations") : root;
        if (!Directory.Exists(folder))
            throw new DatasetException(path, "", "", "is neither a folder nor a file; give the path of an existing one");
        string[] files;
        if (options.Split is { } part && SplitFolder(root, part) is { } own)
            return Files(own, options with { Split = null });
        if (options.Split is { } split)
        {
            var list = Path.Combine(root, "ImageSets", "Main", split + ".txt");
            if (!File.Exists(list))
                throw new DatasetException(root, "", split, $"is no split: {list} does not exist; the splits are {Names(Path.GetDirectoryName(list)!)}");
            // The lists of single classes have a second column.
            files = [.. DatasetFile.ReadLines(list).Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0)
                .Select(name => Path.Combine(folder, name + ".xml"))];
        }
        else
        {
            files = [.. Directory.EnumerateFiles(folder, "*.xml", folder == root ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        }
        if (files.Length > 0)
            return (root, files);
        var splits = new[] { "train", "val", "valid", "test" }.Where(name => SplitFolder(root, name) == Path.Combine(root, name)).ToArray();
        throw new DatasetException(folder, "", "", splits.Length == 0 ? "holds no .xml file"
            : $"holds the splits {string.Join(", ", splits)}: set {nameof(ReadOptions)}.{nameof(ReadOptions.Split)} to one of them, or give its folder");
    }

    /// <summary>The folder of a split where each has its own, as Roboflow writes them; "val" is also called "valid".</summary>
    private static string? SplitFolder(string root, string split) => new[] { split, split == "val" ? "valid" : split }.Select(name => Path.Combine(root, name))
        .FirstOrDefault(folder => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.xml").Any());

    private static string Names(string folder) => Directory.Exists(folder) && Directory.GetFiles(folder, "*.txt") is { Length: > 0 } lists
        ? string.Join(", ", lists.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)) : "none";

    private static void ReadFile(string file, ImageBuilder images, ImageFinder finder, FaultLog faults, ReadOptions options)
    {
        var root = Parse(file);
        var fileName = ImageOf(file, root.Element("filename")?.Value.Trim() ?? "", finder, faults);
        if (fileName.Length == 0)
        {
            faults.Add(file, "annotation", "filename", "is missing");
            return;
        }
        var fault = Size(root, finder, finder.FindIfChecked(file, "annotation", "filename", fileName), out var width, out var height);
        string? path = null;
        fault ??= finder.Check(file, "annotation", "filename", fileName, width, height, out path);
        if (fault is not null)
        {
            faults.Add(file, $"annotation{Line(root)}", fault.Field, fault.Problem);
            return;
        }
        if (images.Start(file, "annotation", "filename", fileName, width, height, path) is not { } entry)
            return;
        var index = 0;
        foreach (var item in root.Elements("object"))
        {
            var record = $"object {++index}{Line(item)}";
            if (ReadObject(item, record, entry, images, faults, options) is { } problem)
                images.Skip(entry, record, problem.Field, problem.Problem);
        }
    }

    /// <summary>The name of a file's image: in VOC an image and its annotation have one name, while the name inside keeps what the image was called once.</summary>
    private static string ImageOf(string file, string stated, ImageFinder finder, FaultLog faults)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        if (Path.GetFileNameWithoutExtension(stated) == stem && finder.Find(stated) is not null)
            return stated;
        if (Extensions.Select(extension => stem + extension).FirstOrDefault(name => finder.Find(name) is not null) is not { } own)
            return stated;
        if (stated.Length > 0 && Path.GetFileNameWithoutExtension(stated.Replace('\\', '/')) != stem)
            faults.Note(file, "annotation", "filename", "names that differ from the annotation file's own are passed over: the image beside it counts");
        return own;
    }

    private static FieldFault? Size(XElement root, ImageFinder finder, string? path, out int width, out int height)
    {
        (width, height) = (0, 0);
        var size = root.Element("size");
        if (size is null)
        {
            var missing = path is null ? new("size", "is missing") : finder.Header(path, "size", out var header) is { } bad ? bad : Take(header, out width, out height);
            return missing;
        }
        var (w, h) = (Number(size, "width"), Number(size, "height"));
        if (w is null || h is null)
            return new(w is null ? "size/width" : "size/height", "is missing or not a number");
        if (BoxRules.SizeProblem(w.Value, h.Value, finder.MaxPixels) is { } problem)
            return new("size", problem);
        (width, height) = ((int)w, (int)h);
        return null;
    }

    private static FieldFault? Take(ImageHeader header, out int width, out int height)
    {
        (width, height) = (header.Width, header.Height);
        return null;
    }

    private static FieldFault? ReadObject(XElement item, string record, ImageBuilder.Entry entry, ImageBuilder images, FaultLog faults, ReadOptions options)
    {
        var name = item.Element("name")?.Value.Trim();
        if (string.IsNullOrEmpty(name))
            return new("name", "is missing");
        if (item.Element("bndbox") is not { } box)
            return new("bndbox", "is missing");
        Span<double> corners = stackalloc double[4];
        string[] fields = ["xmin", "ymin", "xmax", "ymax"];
        for (var i = 0; i < 4; i++)
        {
            if (!Numbers.TryParse(box.Element(fields[i])?.Value, out var corner))
                return new($"bndbox/{fields[i]}", Numbers.Problem(box.Element(fields[i])?.Value));
            corners[i] = corner - (options.OneBasedVoc && i < 2 ? 1 : 0);
        }
        var difficult = item.Element("difficult")?.Value.Trim().ToLowerInvariant();
        if (difficult is not (null or "0" or "1" or "false" or "true"))
            faults.Note(entry.File, record, "difficult", "values other than 0 and 1 count as 0");
        var rectangle = new BoundingBox(corners[0], corners[1], BoxRules.Snap(corners[2] - corners[0]), BoxRules.Snap(corners[3] - corners[1]));
        images.Add(entry, record, "bndbox", "name", name, rectangle, difficult is "1" or "true");
        return null;
    }

    private static XElement Parse(string file)
    {
        using var stream = DatasetFile.Open(file, MaxFile);
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxFile };
            CheckDepth(file, stream, settings);
            using var reader = XmlReader.Create(stream, settings);
            var root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            return root.Name.LocalName == "annotation" ? root : throw new DatasetException(file, root.Name.LocalName, "", "is the root element; a VOC file starts with <annotation>");
        }
        catch (XmlException fault)
        {
            throw new DatasetException(file, "", "", fault.Message.Contains("encoding", StringComparison.OrdinalIgnoreCase) ? $"{DatasetFile.NotUtf8Problem} ({fault.Message})"
                : $"is cut short or not XML of the supported kind (document types are refused): {fault.Message}", fault);
        }
    }

    /// <summary>Rejects deeply nested documents before a tree is built, which takes time quadratic in the depth.</summary>
    private static void CheckDepth(string file, FileStream stream, XmlReaderSettings settings)
    {
        using var reader = XmlReader.Create(stream, settings);
        while (reader.Read())
            if (reader.Depth > MaxDepth)
                throw new DatasetException(file, $"line {((IXmlLineInfo)reader).LineNumber}", "", $"is nested deeper than {MaxDepth} levels");
        stream.Position = 0;
    }

    private static double? Number(XElement parent, string name) =>
        Numbers.TryParse(parent.Element(name)?.Value, out var number) ? number : null;

    private static string Line(XElement element) => ((IXmlLineInfo)element).HasLineInfo() ? $" (line {((IXmlLineInfo)element).LineNumber})" : "";
}
