using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Formats;

/// <summary>Finds image files and checks them against their annotations.</summary>
internal sealed class ImageFinder(ReadOptions options, params string[] usualFolders)
{
    private readonly string[] _folders = options.ImageFolder is { } folder ? [Path.GetFullPath(folder)] : [.. usualFolders.Select(Path.GetFullPath).Distinct()];
    private int _last;

    /// <summary>See <see cref="ReadOptions.MaxPixels"/>.</summary>
    public int MaxPixels => options.MaxPixels;

    /// <summary>The image's full path, or null.</summary>
    public string? Find(string fileName)
    {
        // Starts with the folder of the last image found.
        for (var i = 0; i < _folders.Length; i++)
        {
            var at = (_last + i) % _folders.Length;
            var path = Path.Combine(_folders[at], fileName);
            if (!File.Exists(path) && !File.Exists(path = path.Replace('\\', '/')))
                continue;
            _last = at;
            return path;
        }
        return null;
    }

    /// <summary>Finds the image and checks it; returns the fault, or null.</summary>
    public FieldFault? Check(string field, string fileName, int width, int height, out string? path)
    {
        path = Find(fileName);
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
            return BoxRules.SizeProblem(header.Width, header.Height, MaxPixels) is { } problem ? new(field, $"{path}: {problem}") : null;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new(field, fault.Message);
        }
    }

    /// <summary>The message for an image that was not found.</summary>
    public string Missing(string fileName) => $"the image '{fileName}' was not found in {string.Join(", ", _folders)}. "
        + $"Set {nameof(ReadOptions.ImageFolder)}, or {nameof(ReadOptions.CheckImages)} = false to read the annotations without images";
}
