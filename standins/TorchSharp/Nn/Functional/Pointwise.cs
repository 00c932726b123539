namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op SoftmaxOp = new("softmax", "int");
            private static readonly Op LogSigmoidOp = new("log_sigmoid");
            private static readonly Op OneHotOp = new("one_hot");
            private static readonly Op BceWithLogitsOp = new("binary_cross_entropy_with_logits");

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor logsigmoid(Tensor x) => LogSigmoidOp.Call([x]);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => SoftmaxOp.Call([input, dim, dtype]);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => OneHotOp.Call([x, num_classes]);

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
                Tensor? pos_weights = null)
                => BceWithLogitsOp.Call([input, target, weight, pos_weights, (long)reduction]);
        }
    }
}
