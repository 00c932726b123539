namespace Pss.Engine.Onnx.Graphs;

internal sealed partial class OnnxGraph
{
    /// <summary>A + b, with broadcasting.</summary>
    public OnnxValue Add(OnnxValue a, OnnxValue b) => Node("Add", [a, b]);

    /// <summary>A - b, with broadcasting.</summary>
    public OnnxValue Sub(OnnxValue a, OnnxValue b) => Node("Sub", [a, b]);

    /// <summary>A * b, with broadcasting.</summary>
    public OnnxValue Mul(OnnxValue a, OnnxValue b) => Node("Mul", [a, b]);

    /// <summary>A / b, with broadcasting; towards zero for integers.</summary>
    public OnnxValue Div(OnnxValue a, OnnxValue b) => Node("Div", [a, b]);

    /// <summary>Remainder of the integers a / b, with broadcasting.</summary>
    public OnnxValue Mod(OnnxValue a, OnnxValue b) => Node("Mod", [a, b]);

    /// <summary>Whether a &gt; b, with broadcasting.</summary>
    public OnnxValue Greater(OnnxValue a, OnnxValue b) => Node("Greater", [a, b]);

    /// <summary>Takes from a where the condition holds, else from b.</summary>
    public OnnxValue Where(OnnxValue condition, OnnxValue a, OnnxValue b) => Node("Where", [condition, a, b]);

    /// <summary>The larger of x and 0.</summary>
    public OnnxValue Relu(OnnxValue x) => Node("Relu", [x]);

    /// <summary>The logistic function.</summary>
    public OnnxValue Sigmoid(OnnxValue x) => Node("Sigmoid", [x]);

    /// <summary>E to the power of x.</summary>
    public OnnxValue Exp(OnnxValue x) => Node("Exp", [x]);

    /// <summary>The largest integer that is not above x.</summary>
    public OnnxValue Floor(OnnxValue x) => Node("Floor", [x]);

    /// <summary>The square root.</summary>
    public OnnxValue Sqrt(OnnxValue x) => Node("Sqrt", [x]);

    /// <summary>Converts to another type.</summary>
    public OnnxValue Cast(OnnxValue x, OnnxType type) => Node("Cast", [x], ("to", (long)type));

    /// <summary>Limits x; limits have no dimensions and the type of x.</summary>
    public OnnxValue Clip(OnnxValue x, OnnxValue min, OnnxValue max) => Node("Clip", [x, min, max]);

    /// <summary>The sizes of x as Int64.</summary>
    public OnnxValue Shape(OnnxValue x) => Node("Shape", [x]);

    /// <summary>Lays values one behind the other along an axis.</summary>
    public OnnxValue Concat(long axis, params OnnxValue[] values) => Node("Concat", values, ("axis", axis));

    /// <summary>Equal parts of a value along an axis.</summary>
    public OnnxValue[] Split(OnnxValue x, int parts, long axis) => Nodes("Split", parts, [x], ("axis", axis));

    /// <summary>The same elements in another shape: 0 keeps a size, -1 stands for what is left.</summary>
    public OnnxValue Reshape(OnnxValue x, params long[] shape) => Reshape(x, Integers(shape));

    /// <summary>The same elements in a shape that is computed.</summary>
    public OnnxValue Reshape(OnnxValue x, OnnxValue shape) => Node("Reshape", [x, shape]);

    /// <summary>Reorders the dimensions.</summary>
    public OnnxValue Transpose(OnnxValue x, params long[] order) => Node("Transpose", [x], ("perm", order));

    /// <summary>Adds dimensions of size 1 at the axes.</summary>
    public OnnxValue Unsqueeze(OnnxValue x, params long[] axes) => Node("Unsqueeze", [x, Integers(axes)]);

    /// <summary>Drops the dimensions of size 1 at the axes.</summary>
    public OnnxValue Squeeze(OnnxValue x, params long[] axes) => Node("Squeeze", [x, Integers(axes)]);

    /// <summary>Elements from start to before end along one axis; negative ones count from the end.</summary>
    public OnnxValue Slice(OnnxValue x, long start, long end, long axis) => Slice(x, Integers(start), Integers(end), axis);

    /// <summary>As above, between computed positions along consecutive axes from the first one on.</summary>
    public OnnxValue Slice(OnnxValue x, OnnxValue start, OnnxValue end, params long[] axes) => Node("Slice", [x, start, end, Integers(axes)]);

    /// <summary>Slices of x at the indices along an axis.</summary>
    public OnnxValue Gather(OnnxValue x, OnnxValue indices, long axis) => Node("Gather", [x, indices], ("axis", axis));

    /// <summary>0, 1, ..., count - 1 as Float32, [count].</summary>
    /// <param name="count">Int64 [1].</param>
    public OnnxValue Indices(OnnxValue count) => Cast(Node("Range", [Integer(0), Squeeze(count, 0), Integer(1)]), OnnxType.Float32);

    /// <summary>The largest k values along an axis in descending order, and their indices.</summary>
    /// <param name="x">The values.</param>
    /// <param name="k">How many, at most the size of the axis.</param>
    /// <param name="axis">The axis.</param>
    public (OnnxValue Values, OnnxValue Indices) TopK(OnnxValue x, long k, long axis) => TopK(x, Integers(k), axis);

    /// <summary>As above, with k computed, [1].</summary>
    public (OnnxValue Values, OnnxValue Indices) TopK(OnnxValue x, OnnxValue k, long axis)
    {
        var outputs = Nodes("TopK", 2, [x, k], ("axis", axis), ("largest", 1L), ("sorted", 1L));
        return (outputs[0], outputs[1]);
    }

    /// <summary>Two-dimensional convolution.</summary>
    /// <param name="x">[N, C, H, W].</param>
    /// <param name="weight">[out, C / groups, kernel, kernel].</param>
    /// <param name="bias">[out], or <see cref="OnnxValue.None"/>.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Stride in both directions.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="groups">Groups of channels.</param>
    public OnnxValue Conv(OnnxValue x, OnnxValue weight, OnnxValue bias, long kernel, long stride = 1, long padding = 0, long groups = 1) => Node(
        "Conv",
        bias == OnnxValue.None ? [x, weight] : [x, weight, bias],
        ("group", groups),
        ("kernel_shape", new[] { kernel, kernel }),
        ("strides", new[] { stride, stride }),
        ("pads", new[] { padding, padding, padding, padding }));

    /// <summary>Rounds x / scale to bytes around a zero point.</summary>
    public OnnxValue QuantizeLinear(OnnxValue x, OnnxValue scale, OnnxValue zero) => Node("QuantizeLinear", [x, scale, zero]);

    /// <summary>(x - zero) * scale; scale and zero without dimensions, or one of each per element of the first axis.</summary>
    public OnnxValue DequantizeLinear(OnnxValue x, OnnxValue scale, OnnxValue zero) => Node("DequantizeLinear", [x, scale, zero], ("axis", 0L));

    /// <summary>Bilinear samples of x [N, C, h, w] at a grid [N, H, W, 2] of (x, y), -1 to 1 from border to border; zeros outside.</summary>
    public OnnxValue GridSample(OnnxValue x, OnnxValue grid) =>
        Node("GridSample", [x, grid], ("mode", "bilinear"), ("padding_mode", "zeros"), ("align_corners", 0L));

    /// <summary>The whole numbers from 0 to before the limit, which has no dimensions.</summary>
    public OnnxValue Range(OnnxValue limit) => Node("Range", [Integer(0), limit, Integer(1)]);

    /// <summary>The largest value under a square window.</summary>
    public OnnxValue MaxPool(OnnxValue x, long kernel, long stride, long padding) => Node(
        "MaxPool",
        [x],
        ("kernel_shape", new[] { kernel, kernel }),
        ("strides", new[] { stride, stride }),
        ("pads", new[] { padding, padding, padding, padding }));

    /// <summary>The mean under a square window; padding counts, what a last window has beyond it does not.</summary>
    public OnnxValue AveragePool(OnnxValue x, long kernel, long stride, long padding, bool ceiling) => Node(
        "AveragePool",
        [x],
        ("kernel_shape", new[] { kernel, kernel }),
        ("strides", new[] { stride, stride }),
        ("pads", new[] { padding, padding, padding, padding }),
        ("ceil_mode", ceiling ? 1L : 0L),
        ("count_include_pad", padding > 0 ? 1L : 0L));

    /// <summary>Stretches x [N, C, h, w] to the height and width of <paramref name="target"/> [N, ., H, W]; target pixel i takes source pixel
    /// floor(i * h / H), as PyTorch's nearest mode does.</summary>
    public OnnxValue ResizeNearest(OnnxValue x, OnnxValue target)
    {
        var sizes = Concat(0, Slice(Shape(x), 0, 2, 0), Slice(Shape(target), 2, 4, 0));
        return Node(
            "Resize",
            [x, OnnxValue.None, OnnxValue.None, sizes],
            ("mode", "nearest"),
            ("coordinate_transformation_mode", "asymmetric"),
            ("nearest_mode", "floor"));
    }

    /// <summary>Stretches x [N, C, h, w] linearly to the height and width of <paramref name="target"/> [N, ., H, W], pixel centers half a pixel from the border, as
    /// PyTorch's bilinear mode does.</summary>
    public OnnxValue ResizeLinear(OnnxValue x, OnnxValue target)
    {
        var sizes = Concat(0, Slice(Shape(x), 0, 2, 0), Slice(Shape(target), 2, 4, 0));
        return Node("Resize", [x, OnnxValue.None, OnnxValue.None, sizes], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel"));
    }

    /// <summary>Group normalization of x [N, C, H, W], composed of operators that opset 17 has.</summary>
    /// <param name="x">The features.</param>
    /// <param name="channels">C.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="weight">[C, 1, 1, 1].</param>
    /// <param name="bias">[C].</param>
    /// <param name="type">Type of x.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public OnnxValue GroupNorm(OnnxValue x, long channels, int groups, OnnxValue weight, OnnxValue bias, OnnxType type = OnnxType.Float32, float epsilon = 1e-5f)
    {
        OnnxValue Filled(float value) =>
            Shared(FormattableString.Invariant($"{type}:{value}*{groups}"), name =>
                Weight(name, Enumerable.Repeat(value, groups).ToArray(), [groups], type));

        var normal = Node("InstanceNormalization", [Reshape(x, 0, groups, -1), Filled(1), Filled(0)], ("epsilon", epsilon));
        // ONNX Runtime fuses the ReLU behind a convolution with it, and with the change of layout before the next one.
        return Conv(Reshape(normal, Shape(x)), weight, bias, kernel: 1, groups: channels);
    }

    /// <summary>Class-wise suppression: rows (image, class, box) of the boxes kept, best first within each class.</summary>
    /// <param name="boxes">[N, boxes, 4] as x1, y1, x2, y2 (the overlap does not depend on which axis comes first).</param>
    /// <param name="scores">[N, classes, boxes].</param>
    /// <param name="maxPerClass">Most boxes kept of a class in an image.</param>
    /// <param name="overlap">A box is dropped when its IoU with a better one is above this.</param>
    /// <param name="score">Boxes of lower scores are left out.</param>
    public OnnxValue NonMaxSuppression(OnnxValue boxes, OnnxValue scores, long maxPerClass, float overlap, float score) =>
        Node("NonMaxSuppression", [boxes, scores, Integers(maxPerClass), Number(overlap), Number(score)]);
}
