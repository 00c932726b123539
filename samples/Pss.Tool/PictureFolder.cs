using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Tool;

/// <summary>A folder of pictures with boxes drawn; pictures of the same name get numbers.</summary>
internal sealed class PictureFolder
{
    private readonly string _folder;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    public PictureFolder(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>Writes a picture with its detections.</summary>
    public void Save(string file, RgbImage image, IReadOnlyList<Detection> found, IReadOnlyList<string> classes)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        var name = stem;
        for (var number = 2; !_names.Add(name); number++)
            name = $"{stem}-{number}";
        File.WriteAllBytes(Path.Combine(_folder, name + ".jpg"), Drawing.Jpeg(image, [.. found.Select(d =>
            (d.X1, d.Y1, d.X2, d.Y2, $"{classes[d.Label]} {d.Score.ToString("F2", CultureInfo.InvariantCulture)}", d.Label, d.Mask))]));
    }
}
