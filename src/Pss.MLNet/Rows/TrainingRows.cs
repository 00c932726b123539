using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Annotated rows as the engine's dataset.</summary>
internal sealed class TrainingRows : IDisposable
{
    private readonly PixelCache? _cache;

    private TrainingRows(DetectionDataset dataset, PixelCache? cache) => (Dataset, _cache) = (dataset, cache);

    public DetectionDataset Dataset { get; }

    /// <summary>Reads a view once, or uses the dataset of a <see cref="DatasetView"/> directly.</summary>
    /// <param name="view">The rows.</param>
    /// <param name="options">The column names.</param>
    /// <param name="classes">The class names in the order of labels: those of the training rows.</param>
    /// <param name="withMasks">Whether masks are read.</param>
    /// <param name="log">Receives a warning if rows are left out.</param>
    public static TrainingRows Read(IDataView view, PssDetectionOptions options, IReadOnlyList<string> classes, bool withMasks, Log log)
    {
        var labels = Columns.Labels(view.Schema, options.LabelColumnName);
        var labelOfKey = LabelOfKey(labels, classes);
        if (view is DatasetView files && files.HasColumns(options) && classes.SequenceEqual(Columns.ClassNames(labels)))
            return new(files.Dataset, null);
        var cache = new PixelCache(options.Context?.TempFilePath ?? Path.GetTempPath(), options.MaxTemporaryBytes);
        try
        {
            return new(ReadAll(view, options, classes, labelOfKey, withMasks, cache, log), cache);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    public void Dispose() => _cache?.Dispose();

    private static DetectionDataset ReadAll(
        IDataView view, PssDetectionOptions options, IReadOnlyList<string> classes, int[] labelOfKey, bool withMasks, PixelCache cache, Log log)
    {
        var image = Columns.Image(view.Schema, options.ImageColumnName);
        var images = new List<ImageRecord>();
        var annotated = ObjectColumns.Annotated(view.Schema, options, withMasks);
        using var cursor = view.GetRowCursor([image, .. annotated.All, .. RowErrors.TextColumns(view.Schema)]);
        var errors = new RowErrors(cursor);
        Func<ImageRecord?> read = image.Type is TextDataViewType
            ? new FileReader(cursor, image, errors).Read : Cached(cursor, ImageReader.Create(cursor, image, errors, new(), mayReduce: false), cache);
        var objects = new ObjectReader(cursor, annotated, labelOfKey, errors);
        var missing = 0;
        while (cursor.MoveNext())
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var annotations = objects.Read();
            if (read() is { } record)
                images.Add(record with { Objects = annotations });
            else
                missing++;
        }
        if (cache.Length > 0)
            log.Info(FormattableString.Invariant($"The pixels of {images.Count} images are in a temporary file of {cache.Length >> 20} MB: a column of file names needs none."));
        if (missing > 0)
            log.Warning($"{missing} rows have no image in column '{options.ImageColumnName}' and are left out.");
        return new()
        {
            Name = "rows",
            Categories = [.. classes.Select((name, i) => new Category(i + 1, name))],
            Images = images,
            ImageLoader = (record, decoding) => record.Path is { } path ? RgbImage.Load(path, decoding) : cache.Load((int)record.Id),
            MaxPixels = options.MaxPixels,
        };
    }

    /// <summary>A function that copies the current row's image to the cache.</summary>
    private static Func<ImageRecord?> Cached(DataViewRow row, ImageReader images, PixelCache cache)
    {
        MLImage? slot = null;
        return () => images.Read(ref slot) is { } rgb
            ? new() { Id = cache.Add(rgb), FileName = $"row {row.Position}", Width = rgb.Width, Height = rgb.Height } : null;
    }

    /// <summary>Matches classes by name, since the keys of validation rows may have another order than those of training rows.</summary>
    private static int[] LabelOfKey(DataViewSchema.Column labels, IReadOnlyList<string> classes)
    {
        var label = classes.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        return [.. Columns.ClassNames(labels).Select(name => label.TryGetValue(name, out var at) ? at : throw new ArgumentException(
            $"Column '{labels.Name}' of the validation rows has the class '{name}', which the training rows do not have: theirs are {string.Join(", ", classes)}."))];
    }
}
