using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Annotated rows as the engine reads them.</summary>
internal sealed class TrainingRows : IDisposable
{
    private readonly PixelCache? _cache;

    private TrainingRows(DetectionDataset dataset, Func<ImageDecoding, Func<ImageRecord, RgbImage>> loader, PixelCache? cache)
    {
        (Dataset, Loader, _cache) = (dataset, loader, cache);
        Classes = [.. dataset.Categories.Select(category => category.Name)];
    }

    public DetectionDataset Dataset { get; }

    public IReadOnlyList<string> Classes { get; }

    /// <summary>For the size at which images are needed, what gives the pixels of one; thread-safe.</summary>
    public Func<ImageDecoding, Func<ImageRecord, RgbImage>> Loader { get; }

    /// <summary>Reads a view once, or takes the dataset behind it where nothing stands between.</summary>
    /// <param name="view">The rows.</param>
    /// <param name="options">The columns' names.</param>
    /// <param name="classes">The classes by label, where they are decided already; null takes those of the label column.</param>
    /// <param name="log">Told of rows left out.</param>
    public static TrainingRows Read(IDataView view, PssDetectionOptions options, IReadOnlyList<string>? classes, Log log)
    {
        var labels = Columns.Labels(view.Schema, options.LabelColumn);
        var labelOfKey = LabelOfKey(labels, classes ?? Columns.ClassNames(labels), options.LabelColumn);
        if (view is DatasetView files && files.IsRead(options) && (classes is null || classes.SequenceEqual(Columns.ClassNames(labels))))
            return new(files.Dataset, files.Loader, null);
        var cache = new PixelCache(options.Context?.TempFilePath ?? Path.GetTempPath());
        try
        {
            var dataset = ReadAll(view, options, classes ?? Columns.ClassNames(labels), labelOfKey, cache, log);
            return new(dataset, decoding => image => image.Path is { } path ? RgbImage.Load(path, decoding with { MaxPixels = options.MaxPixels }) : cache.Load((int)image.Id), cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    public void Dispose() => _cache?.Dispose();

    private static DetectionDataset ReadAll(
        IDataView view, PssDetectionOptions options, IReadOnlyList<string> classes, int[] labelOfKey, PixelCache cache, Log log)
    {
        var image = Columns.Image(view.Schema, options.ImageColumn);
        var images = new List<ImageRecord>();
        var annotated = ObjectColumns.Annotated(view.Schema, options);
        using var cursor = view.GetRowCursor([image, .. annotated.All, .. RowNaming.Texts(view.Schema)]);
        var naming = new RowNaming(cursor);
        Func<ImageRecord?> read = image.Type is TextDataViewType
            ? new FileReader(cursor, image, naming).Read : Cached(cursor, ImageReader.Create(cursor, image, naming, new(), isAlone: false), cache);
        var objects = new ObjectReader(cursor, annotated, labelOfKey, naming);
        var missing = 0;
        while (cursor.MoveNext())
        {
            options.Cancellation.ThrowIfCancellationRequested();
            var found = objects.Read();
            if (read() is { } record)
                images.Add(record with { Objects = found });
            else
                missing++;
        }
        if (missing > 0)
            log.Warning($"{missing} rows have no image in column '{options.ImageColumn}' and are left out.");
        return new() { Name = "rows", Categories = [.. classes.Select((name, i) => new Category(i + 1, name))], Images = images };
    }

    /// <summary>Reads a row's decoded image into the cache.</summary>
    private static Func<ImageRecord?> Cached(DataViewRow row, ImageReader images, PixelCache cache)
    {
        MLImage? slot = null;
        return () => images.Read(ref slot) is { } rgb
            ? new() { Id = cache.Add(rgb), FileName = $"row {row.Position}", Width = rgb.Width, Height = rgb.Height } : null;
    }

    /// <summary>Validation rows may count their classes in another order than training rows: names decide.</summary>
    private static int[] LabelOfKey(DataViewSchema.Column labels, IReadOnlyList<string> classes, string column)
    {
        var label = classes.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        return [.. Columns.ClassNames(labels).Select(name => label.TryGetValue(name, out var at) ? at : throw new ArgumentException(
            $"The validation rows' column '{column}' has a class '{name}' that the training rows lack; those have {string.Join(", ", classes)}."))];
    }
}
