using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Rows;

/// <summary>Names the row that a cursor stands on in errors, by its number and its texts, one of which may be the path of its image.</summary>
internal sealed class RowNaming(DataViewRow row)
{
    private readonly (string Name, ValueGetter<ReadOnlyMemory<char>> Getter)[] _texts =
        [.. Texts(row.Schema).Where(row.IsColumnActive).Select(text => (text.Name, row.GetGetter<ReadOnlyMemory<char>>(text)))];

    /// <summary>The columns of plain text: to be asked for with the others.</summary>
    public static IEnumerable<DataViewSchema.Column> Texts(DataViewSchema schema) => schema.Where(column => !column.IsHidden && column.Type is TextDataViewType);

    /// <summary>An error for an image that cannot be read.</summary>
    public InvalidDataException ImageFault(string column, Exception fault)
        => Fault(column, $"the image cannot be read ({fault.Message}); repair it or leave the row out", fault);

    /// <summary>An error that names row, texts of the row and column.</summary>
    public InvalidDataException Fault(string column, string problem, Exception? inner = null)
    {
        var known = _texts.Select(text =>
        {
            ReadOnlyMemory<char> value = default;
            text.Getter(ref value);
            return $"{text.Name} '{value}'";
        }).ToArray();
        return new($"Row {row.Position}{(known.Length == 0 ? "" : $" ({string.Join(", ", known)})")}, column '{column}': {problem}.", inner);
    }
}
