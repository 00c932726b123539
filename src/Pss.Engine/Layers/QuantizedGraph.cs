using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// Convolutions in int8: features as unsigned bytes with one scale per map, weights as signed bytes with one scale per output channel, and the operators
/// QuantizeLinear and DequantizeLinear between them, which runtimes fuse with the convolutions.
/// </summary>
/// <param name="graph">The graph that convolutions are added to.</param>
/// <param name="ranges">What each of them sees.</param>
internal sealed class QuantizedGraph(ModuleGraph graph, ActivationRanges ranges)
{
    private const int LargestWeight = 127;
    private const double LeastScale = 1e-8;
    private readonly OnnxGraph _operators = graph.Operators;
    private readonly Dictionary<SquareConvolution, int> _calls = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<SquareConvolution, (OnnxValue Weight, float[] Scales)> _weights = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<OnnxValue, (OnnxValue Value, float Scale, byte Zero)> _quantized = [];

    /// <summary>Whether a convolution is computed in int8: those in groups are not faster in it.</summary>
    public static bool Takes(SquareConvolution convolution) => convolution.IsOrdinary;

    /// <summary>The quantized form of a value, or null.</summary>
    public OnnxValue? Find(OnnxValue value) => _quantized.TryGetValue(value, out var found) ? found.Value : null;

    /// <summary>Quantizes a value with the scale of another one, which is quantized.</summary>
    public OnnxValue Like(OnnxValue other, OnnxValue value) => Quantize(value, _quantized[other].Scale, _quantized[other].Zero);

    /// <summary>Adds a convolution and a ReLU behind it; the result is quantized.</summary>
    /// <param name="convolution">The convolution.</param>
    /// <param name="input">Features, quantized or not.</param>
    /// <param name="relu">Whether a ReLU follows.</param>
    public OnnxValue Convolve(SquareConvolution convolution, OnnxValue input, bool relu)
    {
        var call = _calls.GetValueOrDefault(convolution);
        _calls[convolution] = call + 1;
        var (ofInput, ofOutput) = ranges.Of(convolution, call);
        var x = Quantize(input, ofInput);
        var (weight, scales) = _weights.TryGetValue(convolution, out var known) ? known : _weights[convolution] = Weight(convolution);
        var bias = Bias(convolution, call, Array.ConvertAll(scales, scale => scale * _quantized[x].Scale));
        var y = _operators.Conv(x, weight, bias, convolution.Weight.shape[2], convolution.Stride, convolution.Padding);
        return relu ? Quantize(_operators.Relu(y), ofOutput.Relu()) : Quantize(y, ofOutput);
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
        var (step, origin) = (_operators.Number(scale), _operators.Byte(zero));
        var result = _operators.DequantizeLinear(_operators.QuantizeLinear(value, step, origin), step, origin);
        _quantized[value] = _quantized[result] = (result, scale, zero);
        return result;
    }

    /// <summary>The weight in multiples of a scale per output channel, and these scales.</summary>
    private (OnnxValue Weight, float[] Scales) Weight(SquareConvolution convolution)
    {
        using var scope = NewDisposeScope();
        var values = convolution.Weight.detach().flatten(1);
        var scales = values.abs().amax([1]).AtLeast(LeastScale).Over(LargestWeight);
        var integers = (values / scales.unsqueeze(1)).round().to(ScalarType.Int8).flatten().ToHost<sbyte>();
        var (name, perChannel) = (graph.NameOf(convolution, "weight"), scales.ToHost<float>());
        var zeros = _operators.Int8Weight($"{name}.zeros", new sbyte[perChannel.Length], [perChannel.Length]);
        return (_operators.DequantizeLinear(_operators.Int8Weight(name, integers, convolution.Weight.shape), Scales(name, perChannel), zeros), perChannel);
    }

    /// <summary>The bias in multiples of the products' scales, which differ from call to call.</summary>
    private OnnxValue Bias(SquareConvolution convolution, int call, float[] scales)
    {
        if (convolution.Bias is null)
            return OnnxValue.None;
        using var scope = NewDisposeScope();
        var values = convolution.Bias.detach().ToHost<float>();
        var integers = values.Zip(scales, (value, scale) => (int)Math.Clamp(Math.Round((double)value / scale), int.MinValue, int.MaxValue)).ToArray();
        var name = graph.NameOf(convolution, FormattableString.Invariant($"bias.{call}"));
        var zeros = _operators.Int32Weight($"{name}.zeros", new int[scales.Length], [scales.Length]);
        return _operators.DequantizeLinear(_operators.Int32Weight(name, integers, [integers.Length]), Scales(name, scales), zeros);
    }

    private OnnxValue Scales(string name, float[] scales) => _operators.Weight($"{name}.scales", scales, [scales.Length]);
}
