using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>A row that serves the members of an object.</summary>
internal sealed class InputRow<T>(DataViewSchema schema, BoundColumn[] columns, Func<int, bool> active, Action onDispose = null) : DataViewRow
    where T : class
{
    private static readonly MethodInfo s_makeGetter = typeof(InputRow<T>).GetMethod(nameof(MakeGetter), BindingFlags.Instance | BindingFlags.NonPublic);
    private T _value;
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    /// <summary>Moves to the next row, which is this object.</summary>
    public void Next(T value)
    {
        _value = value ?? throw new ArgumentNullException(nameof(value));
        _position++;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Position, 0);

    public override bool IsColumnActive(DataViewSchema.Column column) => active(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        column.RequireActive(this);
        var member = columns[column.Index].Member;
        return column.Typed<TValue>((Delegate)s_makeGetter.MakeGenericMethod(member.ValueType()).Invoke(this, [member]));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            onDispose?.Invoke();
        }
    }

    private Delegate MakeGetter<TMember>(MemberInfo member)
    {
        var read = MemberValues.Reader<T, TMember>(member);
        return MemberValues.GetterFrom(() => read(_value));
    }
}
