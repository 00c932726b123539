using System.Diagnostics;
using Pss.Engine.Layers;
using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>Training in BFloat16 against Float32 on the CPU, in turn: whole steps and each kind of convolution.</summary>
internal static class PrecisionBenchmark
{
    private const int Classes = 3;

    /// <summary>`precision [ROUNDS] [steps | layers]`; `bccd FOLDER --precision bfloat16` has the AP.</summary>
    public static void Run(string[] arguments)
    {
        var rounds = Setup.Number(arguments, 0, 7);
        var what = arguments.Length > 1 ? arguments[1] : null;
        Console.WriteLine($"{get_num_threads()} threads; times in ms, medians of {rounds} pairs; ratio BFloat16 / Float32");
        if (what is null or "steps")
        {
            Steps("ResNet-50", DetectorOptions.FcosPss(Classes) with { Backbone = ResNetOptions.ResNet50.FromScratch() }, [2, 3, 512, 512], rounds);
            Steps("ResNet-50, frozen batch norm", DetectorOptions.FcosPss(Classes), [2, 3, 512, 512], rounds);
            Steps("ResNet-18", TrainingRecipe.FromScratch(Classes, images: 205).Detector, [8, 3, 256, 320], rounds);
        }
        if (what is null or "layers")
            Layers(rounds);
    }

    private static void Steps(string name, DetectorOptions options, long[] shape, int rounds)
    {
        using var network = options.Build();
        network.train();
        using var optimizer = new SgdOptimizer([.. network.parameters().Select(parameter => new TrainedParameter(parameter, 1, 1e-4))], momentum: 0.9);
        using var images = randn(shape);
        using var input = images.ToChannelsLast();
        float[] boxes = [.. Enumerable.Range(0, 14).SelectMany(i => new float[] { 10 + 40 * (i % 7), 20 + 100 * (i / 7), 45 + 40 * (i % 7), 100 + 100 * (i / 7) })];
        int[] labels = [.. Enumerable.Range(0, 14).Select(i => i % Classes)];
        var parts = Compare(rounds, 3, (type, lap) =>
        {
            using var scope = NewDisposeScope();
            var objects = BatchTargets.Create([.. Enumerable.Repeat(boxes, (int)shape[0])], [.. Enumerable.Repeat(labels, (int)shape[0])], Classes, CPU);
            var outputs = network.call(input.to(type));
            lap();
            var loss = network.Losses(outputs, objects).Total;
            lap();
            loss.backward();
            lap();
            optimizer.Step(1e-5);
            optimizer.ClearGradients();
        });
        Console.WriteLine($"step of {name}, {string.Join("x", shape)}: all {parts[^1]}; forward {parts[0]}, losses {parts[1]}, backward {parts[2]}");
    }

    private static void Layers(int rounds)
    {
        (string Name, long Inputs, long Outputs, long Kernel, long Stride, long Side)[] layers =
        [
            ("stem", 3, 64, 7, 2, 512), ("C2 reduce", 256, 64, 1, 1, 128), ("C2 3x3", 64, 64, 3, 1, 128), ("C2 expand", 64, 256, 1, 1, 128),
            ("C3 3x3, stride 2", 128, 128, 3, 2, 128), ("C3 3x3", 128, 128, 3, 1, 64), ("C3 expand", 128, 512, 1, 1, 64),
            ("C4 3x3", 256, 256, 3, 1, 32), ("C4 expand", 256, 1024, 1, 1, 32), ("C5 3x3", 512, 512, 3, 1, 16), ("C5 expand", 512, 2048, 1, 1, 16),
            ("tower on P3", 256, 256, 3, 1, 64), ("tower on P4", 256, 256, 3, 1, 32), ("tower on P5", 256, 256, 3, 1, 16), ("tower on P6", 256, 256, 3, 1, 8),
            ("tower on P7", 256, 256, 3, 1, 4), ("boxes on P3", 256, 4, 3, 1, 64),
        ];
        foreach (var (name, inputs, outputs, kernel, stride, side) in layers)
        {
            using var scope = NewDisposeScope();
            var (image, weight) = (randn(2, inputs, side, side), randn(outputs, inputs, kernel, kernel));
            foreach (var channelsLast in (bool[])[false, true])
            {
                var maps = channelsLast ? image.ToChannelsLast() : image;
                var parts = Compare(rounds, 3, (type, lap) =>
                {
                    var (x, w) = (maps.to(type).detach().requires_grad_(true), weight.to(type).detach().requires_grad_(true));
                    lap();
                    var y = nn.functional.conv2d(x, w, strides: [stride, stride], padding: [kernel / 2, kernel / 2]);
                    lap();
                    var gradient = ones_like(y);
                    autograd.grad([y], [x], [gradient], retain_graph: true);
                    lap();
                    autograd.grad([y], [w], [gradient]);
                });
                Console.WriteLine($"{name,-17} {(channelsLast ? "channels last " : "channels first")}: forward {parts[1]}, to data {parts[2]}, to weights {parts[3]}");
            }
        }
    }

    /// <summary>Runs work in both formats in turn.</summary>
    /// <param name="rounds">Pairs that count.</param>
    /// <param name="laps">How often the work calls its second argument.</param>
    /// <param name="work">Gets the format and what ends a part.</param>
    /// <returns>The times of the parts, of the rest, and of all, as text.</returns>
    private static string[] Compare(int rounds, int laps, Action<ScalarType, Action> work)
    {
        ScalarType[] types = [ScalarType.Float32, ScalarType.BFloat16];
        var times = new List<double[]>[] { [], [] };
        for (var round = -1; round < rounds; round++)
        {
            for (var which = 0; which < types.Length; which++)
            {
                using var scope = NewDisposeScope();
                var ends = new List<long> { Stopwatch.GetTimestamp() };
                work(types[which], () => ends.Add(Stopwatch.GetTimestamp()));
                ends.Add(Stopwatch.GetTimestamp());
                double[] parts = [.. ends.Zip(ends.Skip(1), (from, to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds)];
                if (round >= 0)
                    times[which].Add([.. parts, parts.Sum()]);
            }
        }
        return [.. Enumerable.Range(0, laps + 2).Select(part =>
        {
            var ratio = SideBySide.Median(times[1].Zip(times[0], (b, a) => b[part] / a[part]));
            return FormattableString.Invariant($"{SideBySide.Median(times[0].Select(t => t[part])):F1} -> {SideBySide.Median(times[1].Select(t => t[part])):F1} ({ratio:F2})");
        })];
    }
}
