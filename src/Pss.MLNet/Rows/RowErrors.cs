using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Rows;

/// <summary>Creates errors that identify a cursor's current row: by its number and its text columns, one of which may be the image path.</summary>
internal sealed class RowErrors(DataViewRow row)
{
    private readonly (string Name, ValueGetter<ReadOnlyMemory<char>> Getter)[] _texts =
        [.. TextColumns(row.Schema).Where(row.IsColumnActive).Select(text => (text.Name, row.GetGetter<ReadOnlyMemory<char>>(text)))];

    /// <summary>The text columns, which a cursor must have active to be identified by them.</summary>
    public static IEnumerable<DataViewSchema.Column> TextColumns(DataViewSchema schema) => schema.Where(column => !column.IsHidden && column.Type is TextDataViewType);

    /// <summary>The error for an image that cannot be read.</summary>
    public InvalidDataException InvalidImage(string column, Exception error)
        => InvalidRow(column, $"the image cannot be read ({error.Message}); repair the image or remove the row", error);

    /// <summary>The error for an invalid value; its message names row, text columns and column.</summary>
    public InvalidDataException InvalidRow(string column, string problem, Exception? inner = null)
    {
        var texts = _texts.Select(text =>
        {
            ReadOnlyMemory<char> value = default;
            text.Getter(ref value);
            return $"{text.Name} '{value}'";
        }).ToArray();
        return new($"Row {row.Position}{(texts.Length == 0 ? "" : $" ({string.Join(", ", texts)})")}, column '{column}': {problem}.", inner);
    }
}
