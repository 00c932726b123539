using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// Convolutions in int8: features as unsigned bytes of one scale each, weights as signed bytes of one scale per output channel, with the operators
/// QuantizeLinear and DequantizeLinear between them, which runtimes fuse with the convolutions.
/// </summary>
internal sealed class QuantizedGraph
{
    private const int Largest = 127;

    // Below this, rearranging the pixels costs more than the multiplications that are saved.
    private const long LeastInputs = 16;
    private readonly ModuleGraph _graph;
    private readonly ActivationRanges _ranges;
    private readonly Dictionary<SquareConvolution, int> _calls = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SquareConvolution, (OnnxValue Weight, float[] Scales)> _weights = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<OnnxValue, (OnnxValue Value, float Scale, byte Zero)> _quantized = [];

    public QuantizedGraph(ModuleGraph graph, ActivationRanges ranges) => (_graph, _ranges) = (graph, ranges);

    /// <summary>Whether a convolution gains by int8.</summary>
    public static bool Takes(SquareConvolution convolution) => convolution.IsOrdinary && convolution.Inputs >= LeastInputs;

    /// <summary>The quantized form of a value, or null.</summary>
    public OnnxValue? Find(OnnxValue value) => _quantized.TryGetValue(value, out var found) ? found.Value : null;

    /// <summary>Quantizes a value with the scale of another one.</summary>
    public OnnxValue Like(OnnxValue other, OnnxValue value) => Quantize(value, _quantized[other].Scale, _quantized[other].Zero);

    /// <summary>Adds a convolution, and a ReLU behind it.</summary>
    public OnnxValue Convolve(SquareConvolution convolution, OnnxValue input, bool relu)
    {
        var call = _calls.GetValueOrDefault(convolution);
        _calls[convolution] = call + 1;
        var (ofInput, ofOutput) = _ranges.Of(convolution, call);
        var x = Quantize(input, ofInput);
        var (weight, scales) = _weights.TryGetValue(convolution, out var known) ? known : _weights[convolution] = Weight(convolution);
        var bias = convolution.Bias is null ? OnnxValue.None : Bias(convolution, call, Array.ConvertAll(scales, scale => scale * _quantized[x].Scale));
        var y = _graph.Operators.Conv(x, weight, bias, convolution.Weight.shape[2], convolution.Stride, convolution.Padding);
        return relu ? Quantize(_graph.Operators.Relu(y), ofOutput.Relu()) : Quantize(y, ofOutput);
    }

    private OnnxValue Quantize(OnnxValue value, ValueRange range)
    {
        if (_quantized.TryGetValue(value, out var known))
            return known.Value;
        var (scale, zero) = range.ToBytes();
        return Quantize(value, scale, zero);
    }

    private OnnxValue Quantize(OnnxValue value, float scale, byte zero)
    {
        var operators = _graph.Operators;
        var (step, origin) = (operators.Number(scale), operators.Byte(zero));
        var result = operators.DequantizeLinear(operators.QuantizeLinear(value, step, origin), step, origin);
        _quantized[value] = _quantized[result] = (result, scale, zero);
        return result;
    }

    /// <summary>The weight, rounded to multiples of a scale per output channel.</summary>
    private (OnnxValue Weight, float[] Scales) Weight(SquareConvolution convolution)
    {
        using var scope = NewDisposeScope();
        var values = convolution.Weight.detach().flatten(1);
        var scales = values.abs().amax([1]).AtLeast(1e-8).Over(Largest);
        var integers = (values / scales.unsqueeze(1)).round().to(ScalarType.Int8).flatten().ToHost<sbyte>();
        var steps = scales.ToHost<float>();
        return (Integers("weight", name => _graph.Operators.Int8Weight(name, integers, convolution.Weight.shape), convolution, steps), steps);
    }

    /// <summary>The bias as a multiple of the products' scales.</summary>
    private OnnxValue Bias(SquareConvolution convolution, int call, float[] scales)
    {
        using var scope = NewDisposeScope();
        var values = convolution.Bias!.detach().ToHost<float>();
        var integers = values.Zip(scales, (value, scale) => (int)Math.Clamp(Math.Round((double)value / scale), int.MinValue, int.MaxValue)).ToArray();
        var name = FormattableString.Invariant($"bias.{call}");
        var zero = _graph.Operators.Int32Weight(_graph.NameOf(convolution, name + ".zero"), new int[scales.Length], [scales.Length]);
        return _graph.Operators.DequantizeLinear(
            _graph.Operators.Int32Weight(_graph.NameOf(convolution, name), integers, [integers.Length]),
            _graph.Operators.Weight(_graph.NameOf(convolution, name + ".scale"), scales, [scales.Length]), zero);
    }

    private OnnxValue Integers(string name, Func<string, OnnxValue> add, SquareConvolution convolution, float[] scales) => _graph.Operators.DequantizeLinear(
        add(_graph.NameOf(convolution, name)),
        _graph.Operators.Weight(_graph.NameOf(convolution, name + ".scale"), scales, [scales.Length]),
        _graph.Operators.Int8Weight(_graph.NameOf(convolution, name + ".zero"), new sbyte[scales.Length], [scales.Length]));
}
