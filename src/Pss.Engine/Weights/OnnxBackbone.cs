using System.Runtime.InteropServices;
using Google.Protobuf;
using Pss.Engine.Onnx.Protobuf;

namespace Pss.Engine.Weights;

/// <summary>
/// Reads the weights of a ResNet from an ONNX file. Arrays get their names by their places in the graph, since exporters name them as they like: from the
/// input through the stem, then block by block to the last residual addition. What follows, the classifier, is left out.
/// </summary>
internal sealed class OnnxBackbone
{
    private const int Float = 1;
    private readonly string _path;
    private readonly Dictionary<string, TensorProto> _arrays;
    private readonly ILookup<string, NodeProto> _consumers;
    private readonly List<NamedTensor> _weights = [];

    private OnnxBackbone(string path, GraphProto graph)
    {
        _path = path;
        _arrays = graph.Initializer.ToDictionary(array => array.Name, StringComparer.Ordinal);
        _consumers = graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (Input: input, Node: node))).ToLookup(use => use.Input, use => use.Node, StringComparer.Ordinal);
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="WeightFileException">It is damaged, or not a ResNet with batch normalization.</exception>
    public static WeightFile Read(string path)
    {
        GraphProto? graph;
        try
        {
            using var stream = File.OpenRead(path);
            graph = ModelProto.Parser.ParseFrom(stream).Graph;
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw new WeightFileException(path, 0, $"The file is no whole ONNX file: {fault.Message} Copy or download it again.", fault);
        }
        if (graph is null)
            throw new WeightFileException(path, 0, "The file is no whole ONNX file: it has no graph. Copy or download it again.");
        var backbone = new OnnxBackbone(path, graph);
        // Before version 4 of the format, arrays are among the inputs.
        var inputs = graph.Input.Where(input => !backbone._arrays.ContainsKey(input.Name)).ToArray();
        if (inputs is not [var image])
            throw backbone.Fault($"its graph has {inputs.Length} inputs");
        backbone.Walk(image.Name);
        return new(backbone._weights);
    }

    private void Walk(string image)
    {
        var stem = Follow(image).FirstOrDefault(node => node.OpType == "Conv") ?? throw Fault("no convolution takes its input");
        var pool = Layers(stem, "backbone.stem", "");
        if (pool.OpType != "MaxPool")
            throw Fault($"its stem ends with {pool.OpType}");
        var (value, stage, block) = (pool.Output[0], 1, 0);
        for (var first = true; Block(value) is { } paths; first = false)
        {
            if (!first && paths.Shortcut is not null)
                (stage, block) = (stage + 1, 0);
            var name = $"backbone.stage{stage}.{block++}";
            var end = Layers(paths.Branch, $"{name}.branch", ".");
            if (end.OpType != "Add" || (paths.Shortcut is { } shortcut && Layers(shortcut, $"{name}.shortcut", "") != end))
                throw Fault($"block {name} does not end with an addition");
            value = Relu(end.Output[0]) ?? throw Fault($"no Relu follows the addition of block {name}");
        }
        if (stage != 4)
            throw Fault($"it has {stage} stages of residual blocks");
    }

    /// <summary>The first convolutions of the block that starts at a value; null if none does. The shortcut is null where it is the value itself.</summary>
    private (NodeProto Branch, NodeProto? Shortcut)? Block(string value)
    {
        var nodes = _consumers[value].ToArray();
        var convolutions = nodes.Where(node => node.OpType == "Conv").ToArray();
        return convolutions switch
        {
            [var branch] when nodes.Any(node => node.OpType == "Add") => (branch, null),
            // The shortcut is the single layer.
            [var one, var other] => Depth(one) == 1 ? (other, one) : (one, other),
            _ => null,
        };
    }

    private int Depth(NodeProto convolution) => 1 + (Follow(convolution.Output[0]).FirstOrDefault(node => node.OpType is "Conv" or "Add") is { OpType: "Conv" } next ? Depth(next) : 0);

    /// <summary>Takes the weights of a chain of convolution, normalization and ReLU; returns the node after the last.</summary>
    private NodeProto Layers(NodeProto convolution, string name, string separator)
    {
        for (var (node, index) = (convolution, 0); ; index++)
        {
            var layer = separator.Length == 0 ? name : $"{name}{separator}{index}";
            var kernel = Array(node, 1);
            if (node.Input.Count > 2)
                throw Fault($"convolution {layer} has a bias: its normalization was folded into it, and cannot be taken apart");
            _weights.Add(Named($"{layer}.conv.weight", kernel));
            var norm = Follow(node.Output[0]).First();
            if (norm.OpType != "BatchNormalization")
                throw Fault($"{norm.OpType} follows convolution {layer}");
            foreach (var (input, part) in new[] { "weight", "bias", "running_mean", "running_var" }.Index())
                _weights.Add(Named($"{layer}.norm.{part}", Array(norm, input + 1)));
            var next = Follow(norm.Output[0]).FirstOrDefault(each => each.OpType != "Relu") ?? throw Fault($"nothing follows layer {layer}");
            if (next.OpType != "Conv")
                return next;
            if (separator.Length == 0)
                throw Fault($"there are several layers in {layer}");
            node = next;
        }
    }

    private string? Relu(string value) => _consumers[value].FirstOrDefault(node => node.OpType == "Relu")?.Output[0];

    /// <summary>The nodes after a value, as long as each has one only.</summary>
    private IEnumerable<NodeProto> Follow(string value)
    {
        while (_consumers[value].ToArray() is [var node])
        {
            yield return node;
            if (node.Output.Count == 0)
                yield break;
            value = node.Output[0];
        }
    }

    private TensorProto Array(NodeProto node, int input)
        => node.Input.Count > input && _arrays.TryGetValue(node.Input[input], out var array) ? array : throw Fault($"input {input} of {node.OpType} '{node.Name}' is not stored in the file");

    private NamedTensor Named(string name, TensorProto array)
    {
        if (array.DataType != Float)
            throw Fault($"the array of {name} is not in single precision");
        var values = array.FloatData.Count > 0 ? [.. array.FloatData] : MemoryMarshal.Cast<byte, float>(array.RawData.Span).ToArray();
        var count = array.Dims.Aggregate(1L, (product, size) => product * size);
        return count == values.Length ? NamedTensor.FromSingles(name, [.. array.Dims], values) : throw Fault($"the array of {name} has {values.Length} of {count} values");
    }

    private WeightFileException Fault(string what) => new(
        _path, 0, $"The file is no ResNet with batch normalization: {what}. Take ResNet18.onnx of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, or a PyTorch checkpoint.");
}
