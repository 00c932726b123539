namespace Microsoft.ML.Data;

/// <summary>The rows of a cursor counted anew, where not all of them are served.</summary>
internal sealed class RenumberedRow(DataViewRow input) : WrappedRow(input, input.Schema)
{
    private long _position = -1;

    public override long Position => _position;

    public bool Count(bool moved)
    {
        _position += moved ? 1 : 0;
        return moved;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(column);
}
