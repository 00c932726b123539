using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Reads the image of the row that a cursor stands on, from an image column or from the file that a text column names, and names the
/// row where it cannot.</summary>
internal abstract class ImageReader(DataViewSchema.Column column, RowNaming naming)
{
    /// <summary>A reader of a column.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">Images, or texts that name files.</param>
    /// <param name="naming">Names the row.</param>
    /// <param name="decoding">The size at which images are needed, and the largest.</param>
    /// <param name="isAlone">Whether nobody else looks at the images: then those of a dataset's own view are decoded for the size that is needed.</param>
    public static ImageReader Create(DataViewRow row, DataViewSchema.Column column, RowNaming naming, ImageDecoding decoding, bool isAlone)
        => column.Type is TextDataViewType ? new FromFiles(row, column, naming, decoding)
            : isAlone && DatasetView.Loader(row, decoding) is { } load ? new FromDataset(load, column, naming) : new FromImages(row, column, naming);

    /// <summary>The row's image as the engine has it, or null where the row has none.</summary>
    /// <param name="image">Where the getter of an image column puts the image: one variable for all rows lets it dispose of what it gave before, a
    /// fresh one keeps the image alive.</param>
    public RgbImage? Read(ref MLImage? image)
    {
        try
        {
            return Decode(ref image);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
        {
            throw naming.ImageFault(column.Name, fault);
        }
    }

    protected abstract RgbImage? Decode(ref MLImage? image);

    private sealed class FromImages(DataViewRow row, DataViewSchema.Column column, RowNaming naming) : ImageReader(column, naming)
    {
        private readonly ValueGetter<MLImage?> _getter = row.GetGetter<MLImage?>(column);

        protected override RgbImage? Decode(ref MLImage? image)
        {
            _getter(ref image);
            return image is null ? null : MLImages.ToRgb(image);
        }
    }

    private sealed class FromDataset(Func<RgbImage> load, DataViewSchema.Column column, RowNaming naming) : ImageReader(column, naming)
    {
        protected override RgbImage? Decode(ref MLImage? image) => load();
    }

    private sealed class FromFiles(DataViewRow row, DataViewSchema.Column column, RowNaming naming, ImageDecoding decoding) : ImageReader(column, naming)
    {
        private readonly ValueGetter<ReadOnlyMemory<char>> _getter = row.GetGetter<ReadOnlyMemory<char>>(column);

        protected override RgbImage? Decode(ref MLImage? image)
        {
            ReadOnlyMemory<char> path = default;
            _getter(ref path);
            return path.Span.IsWhiteSpace() ? null : RgbImage.Load(path.ToString(), decoding);
        }
    }
}
