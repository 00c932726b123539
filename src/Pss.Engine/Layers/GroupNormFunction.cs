using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>
/// Group normalization in training, on channels-last maps whose groups are narrow. libtorch's own backward pass goes through groups of fewer channels than its vectors
/// hold number by number, which takes up to ten times as long as this.
/// </summary>
internal sealed class GroupNormFunction : autograd.SingleTensorFunction<GroupNormFunction>
{
    private const long ChannelsOfVector = 8;
    private const string Kept = "call";

    // A function's arguments are tensors; the forward pass runs in the call, on its thread.
    [ThreadStatic]
    private static Call? _call;

    /// <inheritdoc/>
    public override string Name => nameof(GroupNormFunction);

    /// <summary>Whether it is the faster way for these maps.</summary>
    /// <param name="maps">[N, C, H, W].</param>
    /// <param name="groups">Groups of channels.</param>
    public static bool Suits(Tensor maps, long groups) =>
        maps.dtype == ScalarType.Float32 && maps.device.type == DeviceType.CPU && maps.shape[1] / groups < ChannelsOfVector && !maps.is_contiguous();

    /// <summary>The normalized maps, [N, C, H, W].</summary>
    /// <param name="maps">[N, C, H, W].</param>
    /// <param name="weight">The scale, [C].</param>
    /// <param name="bias">The shift, [C].</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="epsilon">What is added to variances.</param>
    /// <param name="failure">Takes what goes wrong in the backward pass; to be asked after it.</param>
    public static Tensor Normalize(Tensor maps, Tensor weight, Tensor bias, long groups, double epsilon, BackwardFailure failure)
    {
        _call = new(groups, epsilon, failure);
        return apply(maps, weight, bias);
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (maps, weight, bias) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        ctx.save_for_backward([maps, weight]);
        ctx.save_data(Kept, _call!);
        return nn.functional.group_norm(maps, _call!.Groups, weight, bias, _call.Epsilon);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var call = (Call)ctx.get_data(Kept);
        long[] ofChannels = [grad_output.shape[1]];
        return call.Failure.Gradients([grad_output.shape, ofChannels, ofChannels], grad_output.device, () =>
        {
            var saved = ctx.get_saved_variables();
            return Gradients(saved[0], saved[1], call.Groups, call.Epsilon, grad_output);
        });
    }

    /// <summary>The gradients of maps, scale and shift: of y = scale * x̂ + shift, x̂ = (x - mean) / deviation, both of the groups.</summary>
    private static Tensor[] Gradients(Tensor x, Tensor weight, long groups, double epsilon, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (images, channels, places) = (x.shape[0], x.shape[1], x.shape[2] * x.shape[3]);
        var scale = weight.view(1, channels, 1, 1);
        var centered = x - MeanOfGroup(SumOfPlaces(x));
        var inverse = MeanOfGroup(SumOfProducts(centered, centered)).Plus(epsilon).rsqrt();
        var ofShift = SumOfPlaces(gradient);
        var ofScale = SumOfProducts(gradient, centered) * inverse;
        // In the memory of the centered maps, which nothing needs any more.
        var ofMaps = centered.mul_(-MeanOfGroup(ofScale * scale) * inverse * inverse)
            .AddInPlace(-MeanOfGroup(ofShift * scale) * inverse).AddProductInPlace(gradient, scale * inverse, 1);
        return [ofMaps.MoveToOuterDisposeScope(), OfChannels(ofScale).MoveToOuterDisposeScope(), OfChannels(ofShift).MoveToOuterDisposeScope()];

        // [N, C, 1, 1] each.
        static Tensor SumOfPlaces(Tensor maps) => maps.sum([2, 3], keepdim: true);
        static Tensor SumOfProducts(Tensor maps, Tensor others)
        {
            using var products = maps * others;
            return SumOfPlaces(products);
        }
        Tensor MeanOfGroup(Tensor sums)
        {
            var means = sums.view(images, groups, channels / groups).sum(-1, keepdim: true).Times((double)groups / (channels * places));
            return means.expand(images, groups, channels / groups).reshape(images, channels, 1, 1);
        }
        Tensor OfChannels(Tensor sums) => sums.view(images, channels).sum(dim: 0);
    }

    /// <summary>What the backward pass needs beside tensors.</summary>
    private sealed record Call(long Groups, double Epsilon, BackwardFailure Failure);
}
