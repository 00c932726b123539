using Pss.Engine.Boxes;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// CondInst's mask head, whose weights are predicted for each instance (Tian et al., "Conditional Convolutions for Instance Segmentation", section
/// 3.1): three 1x1 convolutions, 10 to 8 to 8 to 1 channels, over the relative coordinates and the shared mask features. I instances.
/// </summary>
internal static class DynamicMaskHead
{
    /// <summary>Channels of the shared mask features, and of the hidden layers.</summary>
    public const int Features = 8;

    /// <summary>Numbers that an instance is described by: weights of the three layers, then their biases.</summary>
    public const int Parameters = (Features + 2) * Features + Features * Features + Features + Features + Features + 1;

    /// <summary>Input pixels for one pixel of the features.</summary>
    public const int Stride = 8;

    /// <summary>The masks as logits, [I, h, w].</summary>
    /// <param name="features">The shared features, [N, 8, h, w].</param>
    /// <param name="parameters">[I, 169].</param>
    /// <param name="images">The image of each instance, [I].</param>
    /// <param name="locations">The location of each instance, x and y in pixels of the input, [I, 2].</param>
    /// <param name="strides">The stride of each location's level, [I]: the size of interest is 8 strides.</param>
    public static Tensor Logits(Tensor features, Tensor parameters, Tensor images, Tensor locations, Tensor strides)
    {
        using var scope = NewDisposeScope();
        var (height, width, instances) = (features.shape[2], features.shape[3], parameters.shape[0]);
        var x = cat([RelativeCoordinates(locations, strides, height, width), features.flatten(2).index_select(0, images)], 1);
        var layers = parameters.split([(Features + 2) * Features, Features * Features, Features, Features, Features, 1], 1);
        x = layers[3].unsqueeze(2).Plus(layers[0].view(-1, Features, Features + 2).bmm(x)).relu();
        x = layers[4].unsqueeze(2).Plus(layers[1].view(-1, Features, Features).bmm(x)).relu();
        x = layers[5].unsqueeze(2).Plus(layers[2].view(-1, 1, Features).bmm(x));
        return x.view(instances, height, width).MoveToOuterDisposeScope();
    }

    /// <summary>(location of the instance - center of the pixel) / size of interest of its level, x then y, [I, 2, h * w].</summary>
    public static Tensor RelativeCoordinates(Tensor locations, Tensor strides, long height, long width)
    {
        using var scope = NewDisposeScope();
        var x = Centers(width).view(1, -1).expand(height, width).flatten();
        var y = Centers(height).view(-1, 1).expand(height, width).flatten();
        var size = strides.Times(LevelShape.SizeOfInterest).view(-1, 1, 1);
        return ((locations.unsqueeze(2) - stack([x, y])) / size).MoveToOuterDisposeScope();

        Tensor Centers(long count) => Tensor.Indices(count, locations.device, locations.dtype).Times(Stride).Plus(Stride / 2);
    }

    /// <summary><see cref="Logits"/> as operators, of the best detections of each image: [N, K, h, w].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="features">[N, 8, h, w].</param>
    /// <param name="parameters">[N, K, 169].</param>
    /// <param name="locations">x and y of each detection's location, [N, K, 2].</param>
    /// <param name="strides">[N, K, 1].</param>
    /// <param name="rows">Centers of the rows in input pixels, [h].</param>
    /// <param name="columns">Centers of the columns in input pixels, [w].</param>
    public static OnnxValue Export(
        OnnxGraph graph, OnnxValue features, OnnxValue parameters, OnnxValue locations, OnnxValue strides, OnnxValue rows, OnnxValue columns)
    {
        var size = graph.Unsqueeze(graph.Mul(strides, graph.Number(LevelShape.SizeOfInterest)), 3);
        var (height, width) = (graph.Shape(rows), graph.Shape(columns));
        var place = graph.Concat(2, Relative(0, graph.Unsqueeze(columns, 0)), Relative(1, graph.Unsqueeze(rows, 1)));
        var shared = graph.Unsqueeze(graph.Reshape(features, 0, Features, -1), 1);
        var next = 0L;
        var first = Next(Features, Features + 2);
        var (second, third) = (Next(Features, Features), Next(1, Features));
        // The first layer is linear: its part of the shared features needs no copy of them for each detection.
        var x = graph.Add(Product(graph.Slice(first, 0, 2, 3), place), Product(graph.Slice(first, 2, Features + 2, 3), shared));
        x = graph.Relu(graph.Add(x, Next(Features, 1)));
        x = graph.Relu(graph.Add(Product(second, x), Next(Features, 1)));
        x = graph.Add(Product(third, x), Next(1, 1));
        return graph.Reshape(x, graph.Concat(0, graph.Integers(0, 0), height, width));

        OnnxValue Product(OnnxValue a, OnnxValue b) => graph.Node("MatMul", [a, b]);

        // The next of the parameters, [N, K, outputs, inputs].
        OnnxValue Next(int outputs, int inputs) =>
            graph.Reshape(graph.Slice(parameters, next, next += outputs * inputs, 2), 0, 0, outputs, inputs);

        // One relative coordinate, [N, K, 1, h * w].
        OnnxValue Relative(int axis, OnnxValue centers)
        {
            var all = graph.Reshape(graph.Node("Expand", [centers, graph.Concat(0, height, width)]), 1, 1, 1, -1);
            return graph.Div(graph.Sub(graph.Unsqueeze(graph.Slice(locations, axis, axis + 1, 2), 3), all), size);
        }
    }
}
