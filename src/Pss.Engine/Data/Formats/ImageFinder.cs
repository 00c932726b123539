using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Finds image files and checks them against their annotations.</summary>
/// <param name="options">How to read.</param>
/// <param name="faults">Receives notes.</param>
/// <param name="root">The folder of the dataset: only inside it are images searched by their bare names, since those of another set may have them, too.</param>
/// <param name="usualFolders">The folders that image names are relative to, unless the options give one.</param>
internal sealed class ImageFinder(ReadOptions options, FaultLog faults, string root, params string[] usualFolders)
{
    private const int MaxIndexed = 300_000;
    private static readonly Resize[] SmallestSize = [Resize.Letterbox(1, 1)];
    private readonly string[] _folders = options.ImageFolder is { } folder ? [Path.GetFullPath(folder)] : [.. usualFolders.Select(Path.GetFullPath).Distinct()];
    private int _last;
    private ILookup<string, string>[]? _byBareName;

    /// <summary>See <see cref="ReadOptions.MaxPixels"/>.</summary>
    public int MaxPixels => options.MaxPixels;

    /// <summary>The image's full path by the name as it is written, or null.</summary>
    public string? Find(string fileName)
    {
        // Starts with the folder of the last image found.
        for (var i = 0; i < _folders.Length; i++)
        {
            var at = (_last + i) % _folders.Length;
            var path = Path.Combine(_folders[at], fileName);
            if (!File.Exists(path))
                continue;
            _last = at;
            return path;
        }
        return null;
    }

    /// <summary>The image's full path by another spelling of its name, or by the bare name if only one file has it, with a note; or null.</summary>
    public string? FindAnySpelling(string file, string record, string field, string fileName)
    {
        if (Find(fileName) is { } literal)
            return literal;
        foreach (var spelling in ImageNames.Spellings(fileName).Skip(1))
            if (Find(spelling) is { } path)
                return Noted(path, "images found by another spelling of their names");
        var bare = ImageNames.Bare(fileName);
        _byBareName ??= [.. _folders.Append(Path.GetFullPath(root)).Where(IsInside).Select(Index)];
        if (Only(bare) is { } only)
            return Noted(only, "images found by their names without folders");
        return ImageNames.WithoutUploadPrefix(bare) is { } original && Only(original) is { } uploaded
            ? Noted(uploaded, "images found by their names before the upload") : null;

        string Noted(string path, string what)
        {
            faults.Note(file, record, field, what);
            return path;
        }

        // The nearest folder that has the name decides.
        string? Only(string name) => _byBareName.Select(folder => folder[name].Take(2).ToArray()).FirstOrDefault(files => files.Length > 0) is [var one] ? one : null;
    }

    /// <summary>As <see cref="FindAnySpelling"/> where images are checked, otherwise <see cref="Find"/>.</summary>
    public string? FindIfChecked(string file, string record, string field, string fileName)
        => options.CheckImages ? FindAnySpelling(file, record, field, fileName) : Find(fileName);

    private bool IsInside(string folder)
        => Directory.Exists(folder) && (options.ImageFolder is not null || (folder + Path.DirectorySeparatorChar).StartsWith(Path.GetFullPath(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    /// <summary>All image files of a folder by their bare names; none where they are too many to be sure that a name is the only one.</summary>
    private static ILookup<string, string> Index(string folder)
    {
        var recursive = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 8 };
        var files = Directory.EnumerateFiles(folder, "*", recursive).Take(MaxIndexed + 1).ToArray();
        return (files.Length > MaxIndexed ? [] : files.Where(ImageHeader.IsImageName)).ToLookup(file => Path.GetFileName(file), StringComparer.Ordinal);
    }

    /// <summary>Finds the image and checks it; returns the fault, or null.</summary>
    public FieldFault? Check(string file, string record, string field, string fileName, int width, int height, out string? path)
    {
        path = FindIfChecked(file, record, field, fileName);
        if (!options.CheckImages)
            return null;
        if (path is null)
            return new(field, Missing(fileName));
        return Header(path, field, out var header) is { } fault ? fault
            : (header.Width, header.Height) != (width, height)
                ? new("width, height", $"{width} x {height}, but the file {path} is {header.Width} x {header.Height}{SizeAdvice(header, width, height)}")
                : null;
    }

    /// <summary>Advice for a size that differs from the file's.</summary>
    private static string SizeAdvice(ImageHeader header, int width, int height) => (header.StoredWidth, header.StoredHeight) == (width, height)
        ? $" upright: its EXIF orientation {header.Orientation} rotates or flips the stored pixels. Sizes and boxes are those of the upright image: annotate that one, "
            + "or if the boxes were drawn on the stored pixels, remove the orientation from the file"
        : "; correct the annotation or the file";

    /// <summary>Reads the header of an image file; returns the fault, or null.</summary>
    public FieldFault? Header(string path, string field, out ImageHeader header)
    {
        header = default;
        try
        {
            header = ImageHeader.Read(path);
            if (BoxRules.SizeProblem(header.Width, header.Height, MaxPixels) is { } problem)
                return new(field, $"{path}: {problem}");
            // Where damaged images are to be skipped, they must be known before a training meets them.
            if (options.OnInvalid == OnInvalid.Skip)
                RgbImage.Load(path, new() { MaxPixels = MaxPixels, Sizes = SmallestSize });
            return null;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(field, fault.Message);
        }
    }

    /// <summary>The message for an image that was not found.</summary>
    public string Missing(string fileName) => $"the image '{fileName}' was not found in {string.Join(", ", _folders.Where((folder, i) => i == 0 || Directory.Exists(folder)))}. "
        + $"Set {nameof(ReadOptions.ImageFolder)}, or {nameof(ReadOptions.CheckImages)} = false to read the annotations without images";
}
