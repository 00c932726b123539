using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>A getter that maps a column item by item: a scalar, or each item of a vector.</summary>
internal static class ItemMap
{
    public static Delegate Getter<TFrom, TTo>(DataViewRow row, DataViewSchema.Column input, Func<TFrom, TTo> map)
    {
        if (input.Type is not VectorDataViewType)
        {
            var scalar = row.GetGetter<TFrom>(input);
            TFrom value = default;
            return (ValueGetter<TTo>)((ref TTo dst) =>
            {
                scalar(ref value);
                dst = map(value);
            });
        }

        var getter = row.GetGetter<VBuffer<TFrom>>(input);
        VBuffer<TFrom> vector = default;
        return (ValueGetter<VBuffer<TTo>>)((ref VBuffer<TTo> dst) =>
        {
            getter(ref vector);
            var editor = VBufferEditor.Create(ref dst, vector.Length);
            for (var i = 0; i < vector.Length; i++)
            {
                editor.Values[i] = map(vector.GetItemOrDefault(i));
            }

            dst = editor.Commit();
        });
    }
}
