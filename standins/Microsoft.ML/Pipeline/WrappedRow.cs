namespace Microsoft.ML.Data;

/// <summary>A row over another one: same position, its own columns.</summary>
internal abstract class WrappedRow(DataViewRow input, DataViewSchema schema) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => Input.Position;

    public override long Batch => Input.Batch;

    protected DataViewRow Input { get; } = input;

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected void RequireActive(DataViewSchema.Column column) => column.RequireActive(this);

    protected static ValueGetter<TValue> Typed<TValue>(Delegate getter, DataViewSchema.Column column) => column.Typed<TValue>(getter);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Input.Dispose();
        }
    }
}
