namespace TorchSharp;

public static partial class torch
{
    public struct TensorIndex
    {
        public static TensorIndex Ellipsis = new(Kind.Ellipsis);
        public static TensorIndex None = new(Kind.None);
        public static TensorIndex Null = new(Kind.None);
        public static TensorIndex Colon = new(Kind.Slice);

        private TensorIndex(Kind kind, long? start = null, long? stop = null, long? step = null, Tensor? tensor = null)
        {
            What = kind;
            Start = start;
            Stop = stop;
            Step = step;
            Mask = tensor;
        }

        internal enum Kind
        {
            None,
            Ellipsis,
            Bool,
            Single,
            Slice,
            Tensor,
        }

        internal Kind What { get; }

        internal long? Start { get; }

        internal long? Stop { get; }

        internal long? Step { get; }

        internal Tensor? Mask { get; }

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(Kind.Slice, start, stop, step);

        internal static TensorIndex Slice(Range range)
        {
            long? start = range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value;
            // ^0, the end itself, has no negative number.
            long? stop = !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value;
            return Slice(start, stop);
        }

        public static TensorIndex Single(long? index) => index is null ? None : new(Kind.Single, index);

        public static TensorIndex Bool(bool value) => new(Kind.Bool, value ? 1 : 0);

        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor, tensor: tensor);
    }
}
