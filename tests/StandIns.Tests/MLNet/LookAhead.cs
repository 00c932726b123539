using Microsoft.ML;
using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

/// <summary>
/// Doubles "Number" for four rows at a time: a cursor that runs ahead of the rows it serves, and keeps for each of them what passes through.
/// </summary>
internal sealed class LookAhead() : HandMadeMapper("Double", NumberDataViewType.Single, ["Number"])
{
    public const int Batch = 4;

    /// <summary>How many rows were read ahead, batch by batch.</summary>
    public List<int> Batches { get; } = [];

    public override void Save(ModelSaveContext ctx) => ((ICanSaveModel)new TransformerChain<ITransformer>()).Save(ctx);

    protected override Delegate MakeGetter(DataViewRow input)
    {
        var number = input.GetGetter<float>(input.Schema["Number"]);
        return (ValueGetter<float>)((ref float value) =>
        {
            number(ref value);
            value *= 2;
        });
    }

    protected override DataViewRowCursor MakeCursor(DataViewRowCursor input, DataViewRow mapped) => new Cursor(this, input, mapped);

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly LookAhead _parent;
        private readonly DataViewRowCursor _input;
        private readonly DataViewRow _mapped;
        private readonly Dictionary<int, IBuffer> _buffers = [];
        private readonly DataViewRowId[] _ids = new DataViewRowId[LookAhead.Batch];
        private readonly ValueGetter<DataViewRowId> _id;
        private int _filled;
        private int _slot = -1;
        private long _position = -1;

        public Cursor(LookAhead parent, DataViewRowCursor input, DataViewRow mapped)
        {
            (_parent, _input, _mapped, _id) = (parent, input, mapped, input.GetIdGetter());
            foreach (var column in mapped.Schema.Where(mapped.IsColumnActive))
            {
                _buffers[column.Index] = (IBuffer)Activator.CreateInstance(typeof(Buffer<>).MakeGenericType(column.Type.RawType), mapped, column)!;
            }
        }

        public override DataViewSchema Schema => _mapped.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            if (++_slot >= _filled)
            {
                for (_filled = 0, _slot = 0; _filled < LookAhead.Batch && _input.MoveNext(); _filled++)
                {
                    _id(ref _ids[_filled]);
                    foreach (var buffer in _buffers.Values)
                    {
                        buffer.Read(_filled);
                    }
                }

                if (_filled == 0)
                {
                    return false;
                }

                _parent.Batches.Add(_filled);
            }

            _position++;
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[_slot];

        public override bool IsColumnActive(DataViewSchema.Column column) => _mapped.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            var buffer = (Buffer<TValue>)_buffers[column.Index];
            return (ref TValue value) => buffer.Copy(_slot, ref value);
        }

        protected override void Dispose(bool disposing) => _mapped.Dispose();
    }

    private interface IBuffer
    {
        void Read(int slot);
    }

    private sealed class Buffer<T>(DataViewRow row, DataViewSchema.Column column) : IBuffer
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly T?[] _values = new T?[Batch];

        /// <summary>A fresh slot for each row: an image getter disposes of what it finds.</summary>
        public void Read(int slot)
        {
            _values[slot] = default;
            _getter(ref _values[slot]!);
        }

        public void Copy(int slot, ref T value)
        {
            if (_values[slot] is VBuffer<float> vector)
            {
                var copy = (VBuffer<float>)(object)value!;
                vector.CopyTo(ref copy);
                value = (T)(object)copy;
            }
            else
            {
                value = _values[slot]!;
            }
        }
    }
}
