namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                var result = Native.Check(Native.pss_requires_grad(Handle));
                GC.KeepAlive(this);
                return result != 0;
            }

            set
            {
                Native.Check(Native.pss_set_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        public bool is_leaf
        {
            get
            {
                var result = Native.Check(Native.pss_is_leaf(Handle));
                GC.KeepAlive(this);
                return result != 0;
            }
        }

        public Tensor? grad
        {
            get
            {
                nint found;
                Native.Check(Native.pss_grad(Handle, &found));
                GC.KeepAlive(this);
                return found == 0 ? null : new(found);
            }

            set
            {
                Native.Check(Native.pss_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public void retain_grad()
        {
            Native.Check(Native.pss_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward(this);

        public void backward(
            IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);

        public Tensor detach() => Ops.Detach.Call([this]);
    }

    public static unsafe class autograd
    {
        internal static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            nint[] roots = Handles(tensors), gradients = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* r = roots, g = gradients, l = leaves)
            {
                Native.Check(Native.pss_backward(
                    r, roots.Length, g, gradients.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, l, leaves.Length));
            }

            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] roots = Handles(outputs), leaves = Handles(inputs), gradients = Handles(grad_outputs), results = new nint[inputs.Count];
            fixed (nint* r = roots, l = leaves, g = gradients, found = results)
            {
                Native.Check(Native.pss_gradients(
                    r, roots.Length, l, leaves.Length, g, gradients.Length,
                    retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found));
            }

            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, found => found == 0 ? null! : new Tensor(found));
        }

        private static nint[] Handles(IList<Tensor>? tensors) => tensors?.Select(t => t.Handle).ToArray() ?? [];
    }
}
