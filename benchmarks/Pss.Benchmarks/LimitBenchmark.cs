using System.Diagnostics;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>
/// The arithmetic limit of the machine, by products of square matrices in each number format, beside what the networks need at their sizes and what they take.
/// </summary>
internal static class LimitBenchmark
{
    private const int Side = 2048;
    private const int Rounds = 9;

    public static void Run(string[] arguments)
    {
        Console.WriteLine($"{get_num_threads()} threads; medians of {Rounds}");
        var float32 = Peak("float32, libtorch", Product(ScalarType.Float32));
        Peak("bfloat16, libtorch", Product(ScalarType.BFloat16));
        Network("FCOS_PSS ResNet-50, 1x3x512x512", DetectorOptions.FcosPss(91), [1, 3, 512, 512], float32);
        Network("FCOS_PSS ResNet-50, 1x3x800x1344", DetectorOptions.FcosPss(80), [1, 3, 800, 1344], float32);
    }

    private static double Peak(string what, Action product)
    {
        var billions = Math.Pow(Side, 3) / 1e9 / Seconds(product);
        Console.WriteLine(FormattableString.Invariant($"{what}: {billions:f0} GMAC/s"));
        return billions;
    }

    private static Action Product(ScalarType type)
    {
        var (a, b) = (randn(Side, Side).to(type), randn(Side, Side).to(type));
        return () =>
        {
            using var scope = NewDisposeScope();
            a.mm(b);
        };
    }

    private static void Network(string what, DetectorOptions options, long[] shape, double limit)
    {
        using var network = options.Build();
        network.eval();
        network.FoldBatchNorm();
        network.UseChannelsLast();
        using var _ = no_grad();
        using var input = randn(shape).ToChannelsLast();
        var products = Products(network, input);
        Action forward = () =>
        {
            using var scope = NewDisposeScope();
            network.call(input);
        };
        var direct = Seconds(forward);
        network.UseWinograd();
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: {products / 1e9:f1} GMAC, {products / 1e9 / limit:f3} s at the limit of float32; the share reached {products / 1e9 / limit / direct:f2}, with minimal filtering {products / 1e9 / limit / Seconds(forward):f2}"));
    }

    /// <summary>Multiplications of all convolutions.</summary>
    private static double Products(DenseDetector network, Tensor input)
    {
        using var scope = NewDisposeScope();
        var products = 0.0;
        var hooks = network.modules().OfType<SquareConvolution>().Select(layer => layer.register_forward_hook((_, _, output) =>
        {
            products += (double)output.numel() * layer.Weight.numel() / layer.Outputs;
            return output;
        })).ToList();
        network.call(input);
        foreach (var hook in hooks)
            hook.remove();
        return products;
    }

    private static double Seconds(Action work)
    {
        work();
        return SideBySide.Median(Enumerable.Range(0, Rounds).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }));
    }
}
