using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>Starting weights, drawn from a generator of the caller's: the global one is left alone.</summary>
internal static class Initializer
{
    /// <summary>Kaiming normal for a ReLU behind the convolution, by fan-out.</summary>
    public static void KaimingFanOut(SquareConvolution conv, Generator generator)
    {
        long[] shape = conv.Weight.shape;
        Normal(conv, Math.Sqrt(2.0 / (shape[0] * shape[2] * shape[3])), generator);
        ZeroBias(conv);
    }

    /// <summary>Xavier uniform over both fans.</summary>
    public static void Xavier(SquareConvolution conv, Generator generator)
    {
        long[] shape = conv.Weight.shape;
        double bound = Math.Sqrt(6.0 / ((shape[0] + shape[1]) * shape[2] * shape[3]));
        InPlace(() => conv.Weight.uniform_(-bound, bound, generator));
        ZeroBias(conv);
    }

    /// <summary>Kaiming uniform with a slope of 1, by fan-in: variance 1 / fan-in.</summary>
    public static void KaimingUniform(SquareConvolution conv, Generator generator)
    {
        double bound = Math.Sqrt(3.0 / FanIn(conv));
        InPlace(() => conv.Weight.uniform_(-bound, bound, generator));
        ZeroBias(conv);
    }

    /// <summary>PyTorch's own for convolutions: weights and bias uniform within 1 / sqrt(fan-in).</summary>
    public static void UniformFanIn(SquareConvolution conv, Generator generator)
    {
        double bound = 1 / Math.Sqrt(FanIn(conv));
        InPlace(() => conv.Weight.uniform_(-bound, bound, generator));
        if (conv.Bias is { } vector)
            InPlace(() => vector.uniform_(-bound, bound, generator));
    }

    /// <summary>The heads' N(0, 0.01), with a constant bias.</summary>
    public static void Head(SquareConvolution conv, Generator generator, double bias = 0)
    {
        Normal(conv, 0.01, generator);
        if (conv.Bias is { } vector)
            vector.SetTo(bias);
    }

    private static long FanIn(SquareConvolution conv) => conv.Weight.shape[1] * conv.Weight.shape[2] * conv.Weight.shape[3];

    private static void Normal(SquareConvolution conv, double std, Generator generator) => InPlace(() => conv.Weight.normal_(0, std, generator));

    // In-place functions return another handle of the tensor.
    private static void InPlace(Func<Tensor> draw)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        draw();
    }

    private static void ZeroBias(SquareConvolution conv)
    {
        if (conv.Bias is { } vector)
            nn.init.zeros_(vector);
    }
}
