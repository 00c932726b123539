using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Reads the image of the row that a cursor stands on, and names the row where it cannot.</summary>
internal sealed class ImageReader
{
    private readonly DataViewRow row;
    private readonly string column;
    private readonly ValueGetter<MLImage?> getter;
    private readonly (string Name, ValueGetter<ReadOnlyMemory<char>> Getter)[] texts;

    public ImageReader(DataViewRow row, DataViewSchema.Column column)
    {
        (this.row, this.column) = (row, column.Name);
        getter = row.GetGetter<MLImage?>(column);
        texts = [.. Texts(row.Schema).Where(row.IsColumnActive).Select(text => (text.Name, row.GetGetter<ReadOnlyMemory<char>>(text)))];
    }

    /// <summary>The columns of plain text. They are asked for with the images, because one of them may be the path that an error should name.</summary>
    public static IEnumerable<DataViewSchema.Column> Texts(DataViewSchema schema) => schema.Where(column => !column.IsHidden && column.Type is TextDataViewType);

    /// <summary>The row's image as the engine has it, or null.</summary>
    /// <param name="image">Where the getter puts the image: one variable for all rows lets it dispose of what it gave before, a fresh one keeps
    /// the image alive.</param>
    public RgbImage? Read(ref MLImage? image)
    {
        try
        {
            getter(ref image);
            return image is null ? null : MLImages.ToRgb(image);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
        {
            throw Fault(column, $"the image cannot be read ({fault.Message}); repair it or leave the row out", fault);
        }
    }

    /// <summary>An error that names row, texts of the row and column.</summary>
    public InvalidDataException Fault(string columnName, string problem, Exception? inner = null)
    {
        var known = texts.Select(text =>
        {
            ReadOnlyMemory<char> value = default;
            text.Getter(ref value);
            return $"{text.Name} '{value}'";
        }).ToArray();
        return new($"Row {row.Position}{(known.Length == 0 ? "" : $" ({string.Join(", ", known)})")}, column '{columnName}': {problem}.", inner);
    }
}
