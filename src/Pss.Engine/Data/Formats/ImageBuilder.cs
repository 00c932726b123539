namespace Pss.Engine.Data.Formats;

/// <summary>Collects images whose categories are names, and assigns labels once all images are read.</summary>
internal sealed class ImageBuilder(FaultLog faults)
{
    private readonly List<Entry> _images = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public IEnumerable<string> CategoryNames => _images.SelectMany(image => image.Objects).Select(item => item.Category).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Whether an image has that name already.</summary>
    public bool Contains(string fileName) => _names.Contains(fileName);

    /// <summary>Starts an image; null, with a fault, if its name was used before.</summary>
    public Entry? Start(string file, string record, string field, string fileName, int width, int height, string? path)
    {
        if (!_names.Add(fileName))
        {
            faults.Add(file, record, field, $"the image '{fileName}' appears twice");
            return null;
        }
        var entry = new Entry(file, fileName, width, height, path);
        _images.Add(entry);
        return entry;
    }

    /// <summary>Adds an object to an image, unless its box is left out.</summary>
    /// <param name="entry">The image.</param>
    /// <param name="record">The object, for messages.</param>
    /// <param name="boxField">The field of the box.</param>
    /// <param name="categoryField">The field of the category.</param>
    /// <param name="category">The category's name.</param>
    /// <param name="box">The box.</param>
    /// <param name="isCrowd">See <see cref="ObjectAnnotation.IsCrowd"/>.</param>
    /// <param name="mask">See <see cref="ObjectAnnotation.Mask"/>.</param>
    public void Add(
        Entry entry, string record, string boxField, string categoryField, string category, BoundingBox box, bool isCrowd = false, Segmentation? mask = null)
    {
        var used = BoxCheck.Apply(faults, entry.File, record, boxField, box, entry.Width, entry.Height, out var isSkipped);
        if (used is { } good)
            entry.Objects.Add(new(record, categoryField, category, good, isCrowd, mask));
        else if (isSkipped)
            entry.SkippedObjects++;
    }

    /// <summary>Lists an object as skipped.</summary>
    public void Skip(Entry entry, string record, string field, string problem)
    {
        faults.Add(entry.File, record, field, problem);
        entry.SkippedObjects++;
    }

    /// <summary>The dataset of all that was collected.</summary>
    public DetectionDataset ToDataset(string name, CategoryTable table, ReadOptions options) => faults.ToDataset(name, table.Categories, Build(table), options);

    /// <summary>Builds the records, numbered from 1. Objects of unknown categories are faults.</summary>
    private ImageRecord[] Build(CategoryTable table)
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
                    Skip(entry, item.Record, item.Field, $"'{item.Category}' is not among the categories (known: {table.Known}); add it to ReadOptions.Categories or correct the name");
            }
            images[i] = new()
            {
                Id = i + 1,
                FileName = entry.FileName,
                Width = entry.Width,
                Height = entry.Height,
                Path = entry.Path,
                Objects = objects.ToArray(),
                SkippedObjects = entry.SkippedObjects,
            };
        }
        return images;
    }

    public sealed class Entry(string file, string fileName, int width, int height, string? path)
    {
        /// <summary>The file that holds the image's objects.</summary>
        public string File { get; set; } = file;

        public string FileName => fileName;

        public int Width => width;

        public int Height => height;

        public string? Path => path;

        public List<Item> Objects { get; } = [];

        public int SkippedObjects { get; set; }
    }

    public sealed record Item(string Record, string Field, string Category, BoundingBox Box, bool IsCrowd, Segmentation? Mask);
}
