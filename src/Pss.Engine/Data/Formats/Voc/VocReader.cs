using System.Globalization;
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
        var finder = new ImageFinder(options, Path.Combine(root, "JPEGImages"), Path.Combine(root, "images"), folder, root);
        foreach (var file in files)
            ReadFile(file, images, finder, faults, options);
        var classes = Path.Combine(root, "classes.txt");
        var names = File.Exists(classes)
            ? DatasetFile.ReadLines(classes).Select(line => line.Trim()).Where(line => line.Length > 0).Distinct().ToArray()
            : options.Categories ?? images.CategoryNames;
        var table = CategoryTable.FromNames(names, options.Categories);
        return new() { Name = Path.GetFileName(root), Categories = table.Categories, Images = images.Build(table), MaxPixels = options.MaxPixels, Skipped = faults.Skipped };
    }

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
        if (options.Split is { } split)
        {
            var list = Path.Combine(root, "ImageSets", "Main", split + ".txt");
            // The lists of single classes have a second column.
            files = [.. DatasetFile.ReadLines(list).Select(line => line.Trim().Split(' ')[0]).Where(name => name.Length > 0)
                .Select(name => Path.Combine(folder, name + ".xml"))];
        }
        else
        {
            files = [.. Directory.EnumerateFiles(folder, "*.xml").Order(StringComparer.Ordinal)];
        }
        return files.Length > 0 ? (root, files) : throw new DatasetException(folder, "", "", "holds no .xml file");
    }

    private static void ReadFile(string file, ImageBuilder images, ImageFinder finder, FaultLog faults, ReadOptions options)
    {
        var root = Parse(file);
        var fileName = root.Element("filename")?.Value.Trim() ?? "";
        if (fileName.Length == 0 || finder.Find(fileName) is null)
        {
            // Some tools omit the extension, or keep the old name of a renamed file.
            var stem = Path.GetFileNameWithoutExtension(file);
            fileName = Extensions.Select(extension => stem + extension).FirstOrDefault(name => finder.Find(name) is not null) ?? fileName;
        }
        if (fileName.Length == 0)
        {
            faults.Add(file, "annotation", "filename", "is missing");
            return;
        }
        var fault = Size(root, finder, finder.Find(fileName), out var width, out var height);
        string? path = null;
        fault ??= finder.Check("filename", fileName, width, height, out path);
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
            if (ReadObject(item, record, entry, options) is { } problem)
                faults.Add(file, record, problem.Field, problem.Problem);
        }
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

    private static FieldFault? ReadObject(XElement item, string record, ImageBuilder.Entry entry, ReadOptions options)
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
            if (Number(box, fields[i]) is not { } corner)
                return new($"bndbox/{fields[i]}", "is missing or not a number");
            corners[i] = corner - (options.OneBasedVoc && i < 2 ? 1 : 0);
        }
        var difficult = item.Element("difficult")?.Value.Trim() ?? "0";
        if (difficult is not ("0" or "1"))
            return new("difficult", $"is '{difficult}', not 0 or 1");
        var rectangle = new BoundingBox(corners[0], corners[1], BoxRules.Snap(corners[2] - corners[0]), BoxRules.Snap(corners[3] - corners[1]));
        var problem = entry.Add(record, "name", name, rectangle, difficult == "1");
        return problem is null ? null : new("bndbox", problem);
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
            throw new DatasetException(file, "", "", $"is cut short or not XML of the supported kind (document types are refused): {fault.Message}", fault);
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
        double.TryParse(parent.Element(name)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Line(XElement element) => ((IXmlLineInfo)element).HasLineInfo() ? $" (line {((IXmlLineInfo)element).LineNumber})" : "";
}
