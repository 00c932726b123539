using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>Reads the image of a cursor's current row, from an image column or from the file in a text column; errors identify the row.</summary>
internal abstract class ImageReader(DataViewSchema.Column column, RowErrors errors)
{
    /// <summary>Creates a reader of an image column.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">A column of images or of file names.</param>
    /// <param name="errors">Creates errors that identify the row.</param>
    /// <param name="decoding">The required size, and the pixel limit.</param>
    /// <param name="mayReduce">Whether images of a <see cref="DatasetView"/> may be decoded at the required size, since no other column shows them.</param>
    public static ImageReader Create(DataViewRow row, DataViewSchema.Column column, RowErrors errors, ImageDecoding decoding, bool mayReduce)
        => column.Type is TextDataViewType ? new FromFiles(row, column, errors, decoding)
            : mayReduce && DatasetView.Loader(row, decoding) is { } load ? new FromDataset(load, column, errors) : new FromImages(row, column, errors);

    /// <summary>The row's image, or null if it has none.</summary>
    /// <param name="image">Receives the image of an image column. With one variable for all rows the column's getter may dispose the previous image; a
    /// new variable per row keeps it alive.</param>
    public RgbImage? Read(ref MLImage? image)
    {
        try
        {
            return Decode(ref image);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            throw errors.InvalidImage(column.Name, error);
        }
    }

    protected abstract RgbImage? Decode(ref MLImage? image);

    private sealed class FromImages(DataViewRow row, DataViewSchema.Column column, RowErrors errors) : ImageReader(column, errors)
    {
        private readonly ValueGetter<MLImage?> _getter = row.GetGetter<MLImage?>(column);

        protected override RgbImage? Decode(ref MLImage? image)
        {
            _getter(ref image);
            return image is null ? null : MLImages.ToRgb(image);
        }
    }

    private sealed class FromDataset(Func<RgbImage> load, DataViewSchema.Column column, RowErrors errors) : ImageReader(column, errors)
    {
        protected override RgbImage? Decode(ref MLImage? image) => load();
    }

    private sealed class FromFiles(DataViewRow row, DataViewSchema.Column column, RowErrors errors, ImageDecoding decoding) : ImageReader(column, errors)
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
