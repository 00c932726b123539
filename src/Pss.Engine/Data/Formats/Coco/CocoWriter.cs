using System.Text.Json;

namespace Pss.Engine.Data.Formats;

/// <summary>Writes COCO files. Numbers are read back bit for bit.</summary>
internal static class CocoWriter
{
    private const int FlushBytes = 1 << 16;

    /// <summary>Writes a new folder, whole or not at all: train.json and val.json, or annotations.json where there is no validation set.</summary>
    /// <param name="folder">The folder; it must not exist, or be empty.</param>
    /// <param name="train">The images of train.json.</param>
    /// <param name="validation">The images of val.json, or null.</param>
    /// <param name="copyImages">Copies the image files to images/; otherwise set <see cref="ReadOptions.ImageFolder"/> when reading.</param>
    /// <exception cref="DatasetException">Two images have the same name, a name points outside the folder, or an image to copy has no path.</exception>
    public static void Write(string folder, DetectionDataset train, DetectionDataset? validation = null, bool copyImages = false)
    {
        ArgumentNullException.ThrowIfNull(train);
        (string File, DetectionDataset Data)[] splits = validation is null ? [("annotations.json", train)] : [("train.json", train), ("val.json", validation)];
        AtomicFolder.Write(folder, target =>
        {
            var used = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (file, data) in splits)
            {
                WriteAnnotations(Path.Combine(target, file), data);
                foreach (var image in copyImages ? data.Images : [])
                    ImageCopies.CopyImage(image, Path.Combine(target, "images"), used);
            }
        });
    }

    /// <summary>Writes an annotation file, whole or not at all: images, annotations with areas, crowd flags and masks, categories.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="dataset">The dataset; ids are kept.</param>
    public static void WriteAnnotations(string path, DetectionDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartObject();
            WriteImages(json, dataset);
            json.WriteStartArray("annotations");
            foreach (var image in dataset.Images)
                foreach (var item in image.Objects)
                    WriteAnnotation(json, image, item, dataset.Categories[item.Label].Id);
            json.WriteEndArray();
            json.WriteStartArray("categories");
            foreach (var category in dataset.Categories)
            {
                json.WriteStartObject();
                json.WriteNumber("id", category.Id);
                json.WriteString("name", category.Name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void WriteImages(Utf8JsonWriter json, DetectionDataset dataset)
    {
        json.WriteStartArray("images");
        foreach (var image in dataset.Images)
        {
            json.WriteStartObject();
            json.WriteNumber("id", image.Id);
            json.WriteString("file_name", image.FileName);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            json.WriteEndObject();
            FlushIfFull(json);
        }
        json.WriteEndArray();
    }

    private static void WriteAnnotation(Utf8JsonWriter json, ImageRecord image, ObjectAnnotation item, long categoryId)
    {
        json.WriteStartObject();
        json.WriteNumber("id", item.Id);
        json.WriteNumber("image_id", image.Id);
        json.WriteNumber("category_id", categoryId);
        WriteBox(json, item.Box);
        json.WriteNumber("area", item.Area);
        json.WriteNumber("iscrowd", item.IsCrowd ? 1 : 0);
        if (item.Mask is not null)
            WriteMask(json, item.Mask);
        json.WriteEndObject();
        FlushIfFull(json);
    }

    internal static void WriteBox(Utf8JsonWriter json, BoundingBox box)
    {
        json.WriteStartArray("bbox");
        json.WriteNumberValue(box.X);
        json.WriteNumberValue(box.Y);
        json.WriteNumberValue(box.Width);
        json.WriteNumberValue(box.Height);
        json.WriteEndArray();
    }

    internal static void WriteMask(Utf8JsonWriter json, Segmentation mask)
    {
        json.WritePropertyName("segmentation");
        if (mask is RleSegmentation runs)
        {
            json.WriteStartObject();
            json.WriteStartArray("size");
            json.WriteNumberValue(runs.Height);
            json.WriteNumberValue(runs.Width);
            json.WriteEndArray();
            json.WriteString("counts", runs.ToCompressed());
            json.WriteEndObject();
            return;
        }
        json.WriteStartArray();
        foreach (var polygon in ((PolygonSegmentation)mask).Polygons)
        {
            json.WriteStartArray();
            foreach (var number in polygon)
                json.WriteNumberValue(number);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    internal static void FlushIfFull(Utf8JsonWriter json)
    {
        if (json.BytesPending > FlushBytes)
            json.Flush();
    }
}
