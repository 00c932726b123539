using Pss.Engine.Onnx.Graphs;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// Modulated deformable convolution, Zhu et al., "Deformable ConvNets v2": each tap of the kernel samples the input at an offset of its own and
/// weights the sample by a mask, both predicted from the input by an ordinary convolution.
/// </summary>
internal sealed class DeformableConvolution : SquareConvolution
{
    // Lower-case: the names of fields are the names in the state dictionary.
    private readonly SquareConvolution offsets;

    /// <summary>A convolution of zeros. Offsets start at 0 and masks at 1/2, so that it gives half of what an ordinary one gives.</summary>
    /// <param name="input">Channels of the input.</param>
    /// <param name="output">Channels of the output.</param>
    /// <param name="kernel">Side of the kernel, odd.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="groups">Groups of channels; all of them share the offsets.</param>
    public DeformableConvolution(long input, long output, long kernel, long stride = 1, bool hasBias = true, long groups = 1)
        : base(input, output, kernel, stride, hasBias, groups)
    {
        offsets = new SquareConvolution(input, 3 * kernel * kernel, kernel, stride);
        register_module(nameof(offsets), offsets);
    }

    /// <inheritdoc/>
    internal override bool IsOrdinary => false;

    /// <inheritdoc/>
    private protected override Tensor CallWith(Tensor input, Tensor kernels, Tensor? summand)
    {
        using var scope = NewDisposeScope();
        var taps = weight.shape[2] * weight.shape[3];
        var predicted = offsets.call(input);
        var mask = predicted.narrow(1, 2 * taps, taps).sigmoid();
        return Apply(input, predicted.narrow(1, 0, 2 * taps), mask, kernels, summand, Stride, Padding, Groups).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override OnnxValue Export(ModuleGraph graph, OnnxValue input)
    {
        var taps = weight.shape[2] * weight.shape[3];
        var predicted = offsets.Export(graph, input);
        var mask = graph.Operators.Sigmoid(graph.Operators.Slice(predicted, 2 * taps, 3 * taps, 1));
        return Export(graph, input, predicted, mask, this);
    }

    /// <summary>The convolution at given offsets. The result belongs to the dispose scope in force.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="offsets">
    /// (y, x) of each tap in pixels of the input, taps in row-major order, [N, 2 * taps, H', W']; or several groups of them behind each other, each for its
    /// share of the channels.
    /// </param>
    /// <param name="mask">Factor of each sample, [N, taps, H', W'], in as many groups; null for 1.</param>
    /// <param name="weight">[output, C / groups, kernel, kernel].</param>
    /// <param name="bias">[output], or null.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="padding">Zeros around the input.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="dilation">Distance of the taps.</param>
    /// <returns>[N, output, H', W'].</returns>
    public static Tensor Apply(
        Tensor input, Tensor offsets, Tensor? mask, Tensor weight, Tensor? bias = null, long stride = 1, long padding = 1, long groups = 1, long dilation = 1)
    {
        using var scope = NewDisposeScope();
        var (images, channels, taps) = (input.shape[0], input.shape[1], weight.shape[2] * weight.shape[3]);
        var (height, width, sets) = (offsets.shape[2], offsets.shape[3], offsets.shape[1] / (2 * taps));
        // Positions need more digits than half precision has. Groups of offsets are images of their own.
        var maps = input.ToFloat32().reshape(images * sets, channels / sets, input.shape[2], input.shape[3]);
        var grid = Grid(offsets.ToFloat32().reshape(images * sets, taps, 2, height, width), maps, weight.shape[2], stride, padding, dilation);
        var factors = mask?.ToFloat32().reshape(images * sets, taps, height, width);
        var kernels = weight.permute(2, 3, 0, 1).reshape(taps, weight.shape[0], weight.shape[1], 1, 1).to(input.dtype);
        var summand = bias?.to(input.dtype);

        // Tap by tap: the samples of all taps at once are slower, they do not fit into the cache.
        Tensor? sum = null;
        for (long tap = 0; tap < taps; tap++)
        {
            using var ofTap = NewDisposeScope();
            var samples = functional.grid_sample(
                maps, grid.select(1, tap), GridSampleMode.Bilinear, GridSamplePaddingMode.Zeros, align_corners: false);
            if (factors is not null)
                samples = samples * factors.narrow(1, tap, 1);
            var product = functional.conv2d(
                samples.view(images, channels, height, width).to(input.dtype), kernels.select(0, tap), tap == 0 ? summand : null, groups: groups);
            sum = (sum is null ? product : sum.AddInPlace(product)).MoveToOuterDisposeScope();
        }
        return sum!.MoveToOuterDisposeScope();
    }

    /// <summary><see cref="Apply"/> with the weights of a convolution, as operators that opset 17 has.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="offsets">[N, 2 * taps, H', W']; further channels are ignored.</param>
    /// <param name="mask">[N, taps, H', W'], or <see cref="OnnxValue.None"/>.</param>
    /// <param name="convolution">Weights, stride, padding and groups.</param>
    public static OnnxValue Export(ModuleGraph graph, OnnxValue input, OnnxValue offsets, OnnxValue mask, SquareConvolution convolution)
    {
        var operators = graph.Operators;
        var (kernel, channels, outputs) = (convolution.Weight.shape[2], convolution.Inputs, convolution.Outputs);
        var taps = kernel * kernel;
        var (maps, size) = (graph.ToFloat32(input), operators.Slice(operators.Shape(offsets), 2, 4, 0));
        var y = Positions(0, [1, 1, -1, 1], tap => tap / kernel);
        var x = Positions(1, [1, 1, 1, -1], tap => tap % kernel);
        var grid = operators.Concat(4, operators.Unsqueeze(x, 4), operators.Unsqueeze(y, 4));
        var rows = operators.Reshape(grid, operators.Concat(0, operators.Integers(0, -1), operators.Slice(size, 1, 2, 0), operators.Integers(2)));
        var samples = operators.GridSample(maps, rows);
        if (mask != OnnxValue.None)
            samples = operators.Mul(operators.Reshape(samples, 0, channels, taps, -1), operators.Reshape(graph.ToFloat32(mask), 0, 1, taps, -1));

        // The taps of a channel lie behind each other, as in the weight.
        var columns = operators.Reshape(samples, operators.Concat(0, operators.Integers(0, channels * taps), size));
        var weight = graph.Weight(convolution, "taps", convolution.Weight, outputs, convolution.Weight.shape[1] * taps, 1, 1);
        return operators.Conv(graph.FromFloat32(columns), weight, convolution.ExportBias(graph), 1, groups: convolution.Groups);

        // As in Grid, [N, taps, H', W'].
        OnnxValue Positions(long axis, long[] shape, Func<long, long> ofTap)
        {
            var indices = operators.Integers([.. Enumerable.Range(0, (int)taps).Select(tap => 2 * tap + axis)]);
            var steps = operators.Range(operators.Squeeze(operators.Slice(size, axis, axis + 1, 0), 0));
            long[] starts = [.. Enumerable.Range(0, (int)taps).Select(tap => ofTap(tap) - convolution.Padding)];
            var start = operators.Reshape(operators.Integers(starts), 1, -1, 1, 1);
            var regular = operators.Add(operators.Reshape(operators.Mul(steps, operators.Integer(convolution.Stride)), shape), start);
            var position = operators.Add(graph.ToFloat32(operators.Gather(offsets, indices, 1)), operators.Cast(regular, OnnxType.Float32));
            var extent = operators.Cast(operators.Slice(operators.Shape(maps), axis + 2, axis + 3, 0), OnnxType.Float32);
            var twice = operators.Add(operators.Mul(position, operators.Number(2)), operators.Number(1));
            return operators.Sub(operators.Div(twice, extent), operators.Number(1));
        }
    }

    /// <summary>Where each tap samples, (x, y) with -1 and 1 at the borders of the input, [N, taps, H', W', 2].</summary>
    private static Tensor Grid(Tensor offsets, Tensor maps, long kernel, long stride, long padding, long dilation)
    {
        var (height, width) = (offsets.shape[3], offsets.shape[4]);
        var ofTaps = Tensor.Indices(kernel, offsets.device, offsets.dtype).Times(dilation).Plus(-padding);
        var y = Regular(height, 2).Plus(ofTaps.repeat_interleave(kernel).view(1, -1, 1, 1));
        var x = Regular(width, 3).Plus(ofTaps.repeat(kernel).view(1, -1, 1, 1));
        return stack([Normalize(offsets.select(2, 1).Plus(x), maps.shape[3]), Normalize(offsets.select(2, 0).Plus(y), maps.shape[2])], -1);

        Tensor Regular(long count, int axis)
        {
            long[] shape = [1, 1, 1, 1];
            shape[axis] = count;
            return Tensor.Indices(count, offsets.device, offsets.dtype).Times(stride).view(shape);
        }

        static Tensor Normalize(Tensor position, long size) => position.Times(2.0 / size).Plus(1.0 / size - 1);
    }
}
