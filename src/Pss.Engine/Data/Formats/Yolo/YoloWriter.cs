using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pss.Engine.Data.Formats;

/// <summary>Writes YOLO folders: data.yaml, SPLIT.txt with the images in order, labels/SPLIT/*.txt.</summary>
/// <remarks>Fractions are written with all digits, so that <see cref="YoloReader"/> reads the same boxes. A mask of one polygon is written as an outline, which stands
/// for the box too. YOLO has no crowds: they are skipped. Other masks, areas and ids are not written.</remarks>
internal static class YoloWriter
{
    /// <summary>Writes a new folder, whole or not at all.</summary>
    /// <param name="folder">The folder; it must not exist, or be empty.</param>
    /// <param name="train">The images of the split train.</param>
    /// <param name="validation">The images of the split val, or null.</param>
    /// <param name="copyImages">Copies the image files to images/SPLIT; otherwise set <see cref="ReadOptions.ImageFolder"/> when reading.</param>
    /// <returns>The number of crowds that were skipped.</returns>
    /// <exception cref="DatasetException">Two images have the same name, a name points outside the folder, or an image to copy has no path.</exception>
    public static int Write(string folder, DetectionDataset train, DetectionDataset? validation = null, bool copyImages = false)
    {
        ArgumentNullException.ThrowIfNull(train);
        (string Name, DetectionDataset Data)[] splits = validation is null ? [("train", train)] : [("train", train), ("val", validation)];
        AtomicFolder.Write(folder, target =>
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (name, data) in splits)
                WriteSplit(target, name, data, copyImages, used);
            WriteConfig(Path.Combine(target, "data.yaml"), train.Categories, splits.Select(split => split.Name));
        });
        return splits.Sum(split => split.Data.Images.Sum(image => image.Objects.Count(item => item.IsCrowd)));
    }

    private static void WriteSplit(string folder, string split, DetectionDataset dataset, bool copyImages, HashSet<string> used)
    {
        foreach (var image in dataset.Images)
        {
            var labels = ImageCopies.Place(Path.Combine(folder, "labels", split), Path.ChangeExtension(image.FileName, ".txt"), used);
            File.WriteAllLines(labels, image.Objects.Where(item => !item.IsCrowd).Select(item => Line(item, image)));
            if (copyImages)
                ImageCopies.CopyImage(image, Path.Combine(folder, "images", split), used);
        }
        File.WriteAllLines(ImageCopies.Place(folder, split + ".txt", used), dataset.Images.Select(image => $"./images/{split}/{image.FileName}"));
    }

    /// <summary>The outline that a line can hold: the only polygon of the mask, if its bounding box is the object's within a pixel; otherwise null.</summary>
    public static double[]? Outline(ObjectAnnotation item, ImageRecord image)
    {
        if (item.Mask is not PolygonSegmentation { Polygons: [var polygon] } || BoxRules.Problem(polygon, image.Width, image.Height) is not null)
            return null;
        var (around, box) = (BoxRules.Around(polygon), item.Box);
        double[] distances = [around.X - box.X, around.Y - box.Y, around.X2 - box.X2, around.Y2 - box.Y2];
        return distances.All(distance => Math.Abs(distance) <= 1) && !BoxRules.IsFlat(around) && BoxRules.OverEdge(around, image.Width, image.Height) is null ? polygon : null;
    }

    private static string Line(ObjectAnnotation item, ImageRecord image)
    {
        if (Outline(item, image) is { } outline)
        {
            var corners = outline.Select((value, i) => (value / (i % 2 == 0 ? image.Width : image.Height)).ToString(CultureInfo.InvariantCulture));
            return string.Create(CultureInfo.InvariantCulture, $"{item.Label} {string.Join(' ', corners)}");
        }
        var box = item.Box;
        return string.Create(CultureInfo.InvariantCulture, $"{item.Label} {(box.X + box.Width / 2) / image.Width} {(box.Y + box.Height / 2) / image.Height} "
            + $"{box.Width / image.Width} {box.Height / image.Height}");
    }

    private static void WriteConfig(string path, IReadOnlyList<Category> categories, IEnumerable<string> splits)
    {
        using var writer = new StreamWriter(path);
        var yaml = new Emitter(writer);
        yaml.Emit(new StreamStart());
        yaml.Emit(new DocumentStart());
        yaml.Emit(new MappingStart());
        Emit(yaml, "path", ".");
        foreach (var split in splits)
            Emit(yaml, split, split + ".txt");
        yaml.Emit(new Scalar("names"));
        yaml.Emit(new MappingStart());
        for (var label = 0; label < categories.Count; label++)
            Emit(yaml, label.ToString(CultureInfo.InvariantCulture), categories[label].Name);
        yaml.Emit(new MappingEnd());
        yaml.Emit(new MappingEnd());
        yaml.Emit(new DocumentEnd(isImplicit: true));
        yaml.Emit(new StreamEnd());
    }

    private static void Emit(Emitter yaml, string key, string value)
    {
        yaml.Emit(new Scalar(key));
        yaml.Emit(new Scalar(value));
    }
}
