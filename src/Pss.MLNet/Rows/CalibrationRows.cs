using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace Pss.MLNet.Rows;

/// <summary>The images that int8 takes its scales from: at most a hundred, spread over the rows.</summary>
internal static class CalibrationRows
{
    private const long Most = 100;

    /// <summary>Reads the images, one at a time.</summary>
    /// <param name="rows">The rows; those without an image are passed over.</param>
    /// <param name="options">Names the image column, and the largest image.</param>
    /// <param name="size">The network's input size, at which large files may be decoded.</param>
    /// <exception cref="InvalidDataException">An image cannot be read, or no row has one.</exception>
    public static IEnumerable<RgbImage> Read(IDataView rows, PssDetectionOptions options, Resize size)
    {
        var column = Columns.Image(rows.Schema, options.ImageColumnName);
        var count = Count(rows);
        var most = Math.Min(Most, count);
        using var cursor = rows.GetRowCursor(RowErrors.TextColumns(rows.Schema).Append(column));
        var reader = ImageReader.Create(cursor, column, new(cursor), ImageDecoding.For(size) with { MaxPixels = options.MaxPixels }, mayReduce: true);
        MLImage? slot = null;
        var taken = 0L;
        while (cursor.MoveNext())
        {
            // Where a row has no image, the next one that has stands in for it.
            if (taken >= (cursor.Position + 1) * most / count || reader.Read(ref slot) is not { } image)
                continue;
            taken++;
            yield return image;
        }
        if (taken == 0)
            throw new InvalidDataException($"{nameof(PssDetectionOptions.SavedCalibration)} has no row with an image in column '{column.Name}': give it some, or null for a saved model in float32.");
    }

    private static long Count(IDataView rows)
    {
        if (rows.GetRowCount() is { } known)
            return Math.Max(1, known);
        using var cursor = rows.GetRowCursor([]);
        var count = 0L;
        while (cursor.MoveNext())
            count++;
        return Math.Max(1, count);
    }
}
