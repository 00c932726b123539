using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>A 3x3 convolution in training, forward and backward by minimal filtering (<see cref="Winograd"/>).</summary>
internal sealed class WinogradFunction : autograd.SingleTensorFunction<WinogradFunction>
{
    // Below these the transforms cost more than the multiplications that they save, above all those of the weight, which changes with each step.
    private const long LeastChannels = 128;
    private const long LeastTiles = 96;

    /// <inheritdoc/>
    public override string Name => nameof(WinogradFunction);

    /// <summary>Whether it is the faster way for these maps and this weight.</summary>
    /// <param name="maps">[N, I, H, W].</param>
    /// <param name="weight">[O, I, 3, 3].</param>
    public static bool Suits(Tensor maps, Tensor weight) =>
        maps.dtype == ScalarType.Float32 && weight.shape[0] >= LeastChannels && weight.shape[1] >= LeastChannels && Winograd.Tiles(maps.shape) >= LeastTiles;

    /// <summary>The convolution with a padding of 1: [N, O, H, W].</summary>
    /// <param name="maps">[N, I, H, W].</param>
    /// <param name="weight">[O, I, 3, 3].</param>
    /// <param name="bias">[O], or null.</param>
    public static Tensor Call(Tensor maps, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var output = apply(maps, weight);
        // A new tensor: autograd lets nobody change in place what such a function returns.
        return (bias is null ? output : output.Plus(bias.view(-1, 1, 1))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using var scope = NewDisposeScope();
        var (maps, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
        ctx.save_for_backward([maps, weight]);
        ctx.save_data(nameof(maps), maps.requires_grad);
        ctx.save_data(nameof(weight), weight.requires_grad);
        return Winograd.Convolve(maps, Winograd.Transform(weight)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var saved = ctx.get_saved_variables();
        var (maps, weight) = (saved[0], saved[1]);
        var ofMaps = ctx.get_data(nameof(maps)) is true ? Winograd.GradientOfMaps(grad_output, weight).MoveToOuterDisposeScope() : null;
        var ofWeight = ctx.get_data(nameof(weight)) is true ? Winograd.GradientOfWeight(maps, grad_output).MoveToOuterDisposeScope() : null;
        return [ofMaps!, ofWeight!];
    }
}
