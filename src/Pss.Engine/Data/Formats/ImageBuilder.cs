namespace Pss.Engine.Data.Formats;

/// <summary>Collects images whose categories are names, and assigns labels once all images are read.</summary>
internal sealed class ImageBuilder(FaultLog faults)
{
    private readonly List<Entry> _images = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IEnumerable<string> CategoryNames => _images.SelectMany(image => image.Objects).Select(item => item.Category).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Starts an image; null, with a fault, if its name was used before.</summary>
    public Entry? Start(string file, string record, string field, string fileName, int width, int height, string? path)
    {
        if (!_names.Add(fileName))
        {
            faults.Add(file, record, field, $"the image '{fileName}' appears twice");
            return null;
        }
        var entry = new Entry(file, fileName, width, height, path, []);
        _images.Add(entry);
        return entry;
    }

    /// <summary>Builds the records, numbered from 1. Objects of unknown categories are faults.</summary>
    public ImageRecord[] Build(CategoryTable table)
    {
        long nextId = 1;
        var images = new ImageRecord[_images.Count];
        for (var i = 0; i < images.Length; i++)
        {
            var entry = _images[i];
            var objects = new List<ObjectAnnotation>(entry.Objects.Count);
            foreach (var item in entry.Objects)
            {
                if (table.Label(item.Category) is { } label)
                    objects.Add(new() { Id = nextId++, Label = label, Box = item.Box, IsCrowd = item.IsCrowd, Mask = item.Mask });
                else
                    faults.Add(entry.File, item.Record, item.Field, $"'{item.Category}' is not among the categories (known: {table.Known}); add it to ReadOptions.Categories or correct the name");
            }
            images[i] = new() { Id = i + 1, FileName = entry.FileName, Width = entry.Width, Height = entry.Height, Path = entry.Path, Objects = objects.ToArray() };
        }
        return images;
    }

    public sealed record Entry(string File, string FileName, int Width, int Height, string? Path, List<Item> Objects)
    {
        /// <summary>Adds an object; returns what is wrong with its box, or null if the object was added.</summary>
        public string? Add(string record, string field, string category, BoundingBox box, bool isCrowd = false, Segmentation? mask = null)
        {
            var problem = BoxRules.Problem(box, Width, Height);
            if (problem is null)
                Objects.Add(new(record, field, category, box, isCrowd, mask));
            return problem;
        }
    }

    public sealed record Item(string Record, string Field, string Category, BoundingBox Box, bool IsCrowd, Segmentation? Mask);
}
