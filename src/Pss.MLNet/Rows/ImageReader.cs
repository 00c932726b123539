using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Reads the image of the row that a cursor stands on, and names the row where it cannot.</summary>
/// <param name="row">The cursor.</param>
/// <param name="column">The images.</param>
/// <param name="naming">Names the row.</param>
/// <param name="size">The size at which images are needed, where nobody else looks at them: those of a dataset's own view are decoded for it alone.</param>
internal sealed class ImageReader(DataViewRow row, DataViewSchema.Column column, RowNaming naming, Resize? size = null)
{
    private readonly ValueGetter<MLImage?> getter = row.GetGetter<MLImage?>(column);
    private readonly Func<RgbImage>? direct = size is null ? null : DatasetView.Loader(row, column, ImageDecoding.For(size));

    /// <summary>The row's image as the engine has it, or null.</summary>
    /// <param name="image">Where the getter puts the image: one variable for all rows lets it dispose of what it gave before, a fresh one keeps
    /// the image alive.</param>
    public RgbImage? Read(ref MLImage? image)
    {
        try
        {
            if (direct is not null)
                return direct();
            getter(ref image);
            return image is null ? null : MLImages.ToRgb(image);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
        {
            throw naming.Fault(column.Name, $"the image cannot be read ({fault.Message}); repair it or leave the row out", fault);
        }
    }
}
