namespace Microsoft.ML.Data;

internal sealed class MappedRow : WrappedRow
{
    private readonly int _inputCount;
    private readonly bool[] _active;
    private readonly Delegate[] _getters;
    private readonly Action _disposer;

    public MappedRow(RowMapper mapper, DataViewRow input, bool[] active)
        : base(input, mapper.OutputSchema)
    {
        _inputCount = mapper.InputSchema.Count;
        _active = active;
        (_getters, _disposer) = mapper.Mapping.CreateGetters(input, i => active[_inputCount + i]);
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        RequireActive(column);
        return column.Index < _inputCount ? Input.GetGetter<TValue>(Input.Schema[column.Index]) : Typed<TValue>(_getters[column.Index - _inputCount], column);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposer?.Invoke();
        }

        base.Dispose(disposing);
    }
}
