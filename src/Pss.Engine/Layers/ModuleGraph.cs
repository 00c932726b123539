using Pss.Engine.Onnx.Graphs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// A graph that modules add themselves to, each beside its forward. Weights are named as in the state dictionary and stored once, however
/// often a module is used.
/// </summary>
internal sealed class ModuleGraph
{
    private readonly Dictionary<nn.Module, string> _names = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, OnnxValue> _weights = [];
    private readonly OnnxType _type;
    private readonly QuantizedGraph? _int8;

    /// <summary>Starts with the names of a network's modules.</summary>
    /// <param name="operators">The graph that nodes are added to.</param>
    /// <param name="type">The type of weights and features, Float32 or Float16.</param>
    /// <param name="network">The network, in float32 on the CPU.</param>
    /// <param name="ranges">What the convolutions see, to compute them in int8; null for none.</param>
    public ModuleGraph(OnnxGraph operators, OnnxType type, nn.Module network, ActivationRanges? ranges = null)
    {
        (Operators, _type) = (operators, type);
        _int8 = ranges is null ? null : new(this, ranges);
        _names[network] = "";
        foreach (var (name, module) in network.named_modules())
            _names.TryAdd(module, name);
    }

    /// <summary>The graph that nodes are added to.</summary>
    public OnnxGraph Operators { get; }

    /// <summary>The type of weights and features.</summary>
    public OnnxType Type => _type;

    /// <summary>Adds a convolution and a ReLU behind it, in int8 where the graph is quantized and the layer gains by it.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="input">Features.</param>
    /// <param name="relu">Whether a ReLU follows at once.</param>
    public OnnxValue Convolve(SquareConvolution convolution, OnnxValue input, bool relu = false)
    {
        if (_int8 is not null && QuantizedGraph.Takes(convolution))
            return _int8.Convolve(convolution, input, relu);
        var output = convolution.Export(this, input);
        return relu ? Operators.Relu(output) : output;
    }

    /// <summary>The bytes of a value as features, where some layer has quantized it; else the value itself.</summary>
    public OnnxValue Quantized(OnnxValue value) => _int8?.Find(value) ?? value;

    /// <summary>Quantizes a value like another one, whose elements it has; nothing where the graph is not quantized.</summary>
    public OnnxValue QuantizedLike(OnnxValue other, OnnxValue value) => _int8?.Like(other, value) ?? value;

    /// <summary>Adds a layer of one input and one output.</summary>
    /// <exception cref="NotSupportedException">The module does not know its operators.</exception>
    public OnnxValue Export(nn.Module layer, OnnxValue input) => layer switch
    {
        IExportable exportable => exportable.Export(this, input),
        Sequential layers => layers.children().Aggregate(input, (value, child) => Export(child, value)),
        _ => throw new NotSupportedException($"{layer.GetType().Name} has no ONNX export."),
    };

    /// <summary>A weight of a module.</summary>
    /// <param name="owner">The module.</param>
    /// <param name="name">The weight's name in it.</param>
    /// <param name="value">The weight.</param>
    /// <param name="shape">Its shape in the graph; empty for its own.</param>
    public OnnxValue Weight(nn.Module owner, string name, Tensor value, params long[] shape)
    {
        var full = NameOf(owner, name);
        if (!_weights.TryGetValue(full, out var stored))
            _weights[full] = stored = Operators.Weight(full, ToArray(value), shape.Length == 0 ? value.shape : shape, _type);
        return stored;
    }

    /// <summary>The name of a weight in the state dictionary.</summary>
    public string NameOf(nn.Module owner, string name) => _names[owner] is { Length: > 0 } path ? $"{path}.{name}" : name;

    /// <summary>A scalar tensor as a constant.</summary>
    public OnnxValue Number(Tensor scalar) => Operators.Number(ToArray(scalar)[0], _type);

    /// <summary>Maps [N, size, H, W] of all levels to Float32 [N, L, size].</summary>
    public OnnxValue Flatten(IEnumerable<OnnxValue> maps, long size)
    {
        var flat = Operators.Concat(1, [.. maps.Select(map => Operators.Reshape(Operators.Transpose(map, 0, 2, 3, 1), 0, -1, size))]);
        return ToFloat32(flat);
    }

    /// <summary>Features as Float32.</summary>
    public OnnxValue ToFloat32(OnnxValue features) => _type == OnnxType.Float32 ? features : Operators.Cast(features, OnnxType.Float32);

    /// <summary>Float32 as the type of features.</summary>
    public OnnxValue FromFloat32(OnnxValue values) => _type == OnnxType.Float32 ? values : Operators.Cast(values, _type);

    private static float[] ToArray(Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.detach().flatten().ToHost<float>();
    }
}
