namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => Assign(indices, value, false);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[long i1]
        {
            get => index((TensorIndex[])[i1]);
            set => Assign([i1], value, false);
        }

        public Tensor this[long i1, long i2]
        {
            get => index((TensorIndex[])[i1, i2]);
            set => Assign([i1, i2], value, false);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => index((TensorIndex[])[i1, i2, i3]);
            set => Assign([i1, i2, i3], value, false);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index((TensorIndex[])[i1, i2, i3, i4]);
            set => Assign([i1, i2, i3, i4], value, false);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, advanced) = Resolve(indices);
            if (advanced is null) return view;
            var result = Ops.Index.Call([view, Arg.OptionalList(advanced)]);
            if (!ReferenceEquals(view, this)) view.Dispose();
            return result;
        }

        internal Tensor index(params Tensor[] indices) => Ops.Index.Call([this, Arg.OptionalList(indices)]);

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Ops.IndexPut_.Call([this, Arg.OptionalList(indices), value, accumulate]);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var filled = full([], value, dtype, device);
            return Assign(indices, filled, false);
        }

        private Tensor Assign(TensorIndex[] indices, Tensor value, bool accumulate)
        {
            var (view, advanced) = Resolve(indices);
            using var written = advanced is not null ? Ops.IndexPut_.Call([view, Arg.OptionalList(advanced), value, accumulate])
                : accumulate ? view.add_(value)
                : view.copy_(value);
            if (!ReferenceEquals(view, this)) view.Dispose();
            return alias();
        }

        /// <summary>Takes the integers and slices as a view; the tensors remain, each at its dimension of that view (null where there is none).</summary>
        private (Tensor View, Tensor?[]? Advanced) Resolve(TensorIndex[] indices)
        {
            var consumed = indices.Sum(i => i.What switch
            {
                TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
                TensorIndex.Kind.Tensor => i.Mask!.dtype == ScalarType.Bool ? i.Mask.ndim : 1,
                _ => 0,
            });
            var view = this;
            var dim = 0;
            List<Tensor?>? advanced = null;
            foreach (var index in indices)
            {
                switch (index.What)
                {
                    case TensorIndex.Kind.Single:
                        Step(view.select(dim, index.Start!.Value));
                        break;
                    case TensorIndex.Kind.Slice:
                        Step(Ops.Slice.Call([view, dim++, index.Start, index.Stop, index.Step ?? 1]));
                        break;
                    case TensorIndex.Kind.None:
                        Step(view.unsqueeze(dim++));
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dim += (int)(ndim - consumed);
                        break;
                    case TensorIndex.Kind.Bool:
                        Step(view.unsqueeze(dim));
                        Advance(tensor(index.Start == 1 ? [0L] : Array.Empty<long>(), device: device));
                        break;
                    default:
                        Advance(index.Mask!);
                        break;
                }
            }

            return (ReferenceEquals(view, this) && advanced is null ? alias() : view, advanced?.ToArray());

            void Step(Tensor next)
            {
                if (!ReferenceEquals(view, this)) view.Dispose();
                view = next;
            }

            void Advance(Tensor mask)
            {
                advanced ??= [];
                while (advanced.Count < dim) advanced.Add(null);
                advanced.Add(mask);
                dim++;
            }
        }
    }
}
