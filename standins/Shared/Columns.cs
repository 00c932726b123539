using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Input columns looked up by name, with errors that name the column and both types.</summary>
internal static class Columns
{
    internal static DataViewSchema.Column Require(DataViewSchema schema, string name, Func<DataViewType, bool> accepts, string expected)
    {
        var column = schema.GetColumnOrNull(name) ?? throw Missing(name);
        return accepts(column.Type) ? column : throw Mismatch(name, expected, column.Type.ToString());
    }

    internal static SchemaShape.Column Require(SchemaShape shape, string name, Func<DataViewType, bool> accepts, string expected)
    {
        foreach (var column in shape)
            if (column.Name == name)
                return accepts(column.ItemType) ? column : throw Mismatch(name, expected, column.ItemType.ToString());
        throw Missing(name);
    }

    internal static ArgumentOutOfRangeException Mismatch(string name, string expected, string actual)
        => new("inputSchema", $"Schema mismatch for input column '{name}': expected {expected}, got {actual}");

    private static ArgumentOutOfRangeException Missing(string name) => new("inputSchema", $"Could not find input column '{name}'");
}
