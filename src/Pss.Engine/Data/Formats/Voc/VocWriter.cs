using System.Globalization;
using System.Text;
using System.Xml;

namespace Pss.Engine.Data.Formats;

/// <summary>Writes Pascal VOC folders: Annotations/*.xml, ImageSets/Main/SPLIT.txt with the order of the images, classes.txt with the class
/// names in label order.</summary>
/// <remarks>Corners are written as they are (x, y, x + width, y + height), without an offset of one. Crowds become "difficult". Masks,
/// areas and ids are not written: VOC has none.</remarks>
internal static class VocWriter
{
    /// <summary>Writes a new folder, whole or not at all.</summary>
    /// <param name="folder">The folder; it must not exist, or be empty.</param>
    /// <param name="train">The images of ImageSets/Main/train.txt.</param>
    /// <param name="validation">The images of ImageSets/Main/val.txt, or null.</param>
    /// <param name="copyImages">Copies the image files to JPEGImages/; otherwise set <see cref="ReadOptions.ImageFolder"/> when reading.</param>
    /// <exception cref="DatasetException">Two images have the same name, a name points outside the folder, or an image to copy has no path.</exception>
    public static void Write(string folder, DetectionDataset train, DetectionDataset? validation = null, bool copyImages = false)
    {
        ArgumentNullException.ThrowIfNull(train);
        AtomicFolder.Write(folder, target =>
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            WriteSplit(target, "train", train, copyImages, used);
            if (validation is not null)
                WriteSplit(target, "val", validation, copyImages, used);
            File.WriteAllLines(Path.Combine(target, "classes.txt"), train.Categories.Select(category => category.Name));
        });
    }

    private static void WriteSplit(string folder, string split, DetectionDataset dataset, bool copyImages, HashSet<string> used)
    {
        var annotations = Path.Combine(folder, "Annotations");
        var list = new List<string>(dataset.Images.Count);
        foreach (var image in dataset.Images)
        {
            var name = Path.ChangeExtension(image.FileName, null).Replace('/', '_');
            list.Add(name);
            WriteImage(ImageCopies.Place(annotations, name + ".xml", used), image, dataset);
            if (copyImages)
                ImageCopies.CopyImage(image, Path.Combine(folder, "JPEGImages"), used);
        }
        File.WriteAllLines(ImageCopies.Place(folder, $"ImageSets/Main/{split}.txt", used), list);
    }

    private static void WriteImage(string path, ImageRecord image, DetectionDataset dataset)
    {
        using var xml = XmlWriter.Create(path, new() { Indent = true, OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false) });
        xml.WriteStartElement("annotation");
        xml.WriteElementString("filename", image.FileName);
        xml.WriteStartElement("size");
        xml.WriteElementString("width", Text(image.Width));
        xml.WriteElementString("height", Text(image.Height));
        xml.WriteElementString("depth", "3");
        xml.WriteEndElement();
        foreach (var item in image.Objects)
        {
            xml.WriteStartElement("object");
            xml.WriteElementString("name", dataset.Categories[item.Label].Name);
            xml.WriteElementString("difficult", item.IsCrowd ? "1" : "0");
            xml.WriteStartElement("bndbox");
            xml.WriteElementString("xmin", Text(item.Box.X));
            xml.WriteElementString("ymin", Text(item.Box.Y));
            xml.WriteElementString("xmax", Text(item.Box.X2));
            xml.WriteElementString("ymax", Text(item.Box.Y2));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
