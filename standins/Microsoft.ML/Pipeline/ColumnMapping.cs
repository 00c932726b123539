namespace Microsoft.ML.Data;

/// <summary>
/// What becomes of one input column: the output's type and annotations, and, over a row, its getter and what to run when that row is disposed of (or null).
/// </summary>
internal sealed record ColumnMapping(
    DataViewType Type, DataViewSchema.Annotations Annotations, Func<DataViewRow, (Delegate Getter, Action Disposer)> CreateGetter)
{
    public ColumnMapping(DataViewType type, DataViewSchema.Annotations annotations, Func<DataViewRow, Delegate> createGetter)
        : this(type, annotations, row => (createGetter(row), null))
    {
    }
}
