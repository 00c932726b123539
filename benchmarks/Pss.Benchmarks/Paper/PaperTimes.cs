using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using static TorchSharp.torch;

namespace Pss.Benchmarks.Paper;

/// <summary>The times of the paper's Table 1, network and post-processing apart: ResNet-50 and 80 classes. The detectors take turns, and what is printed are
/// ratios of the least times to FCOS's network, as times depend on the machine and on what else it does.</summary>
internal static class PaperTimes
{
    private const int Side = 512;
    private const int Rounds = 9;
    private const int Candidates = 1_000;

    public static void Print(TextWriter output)
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        (string Name, string Paper, DetectorOptions Options)[] rows =
        [
            ("FCOS", "38.76 + 2.91", DetectorOptions.Fcos(80)), ("FCOS_PSS", "42.37 + 1.49", DetectorOptions.FcosPss(80)),
            ("ATSS", "38.31 + 7.56", DetectorOptions.Atss(80)), ("ATSS_PSS", "42.19 + 3.89", DetectorOptions.AtssPss(80)),
        ];
        var input = randn(1, 3, Side, Side);
        var detectors = rows.Select(row => Prepare(row.Options, input)).ToArray();
        var times = rows.Select(_ => new List<(double Network, double PostProcessing)>()).ToArray();
        // The first round warms up.
        for (var round = -1; round < Rounds; round++)
        {
            for (var i = 0; i < detectors.Length; i++)
            {
                var time = Time(detectors[i].Network, detectors[i].PostProcessor, input);
                if (round >= 0)
                    times[i].Add(time);
            }
        }

        output.WriteLine();
        output.WriteLine($"Times of Table 1: 1x3x{Side}x{Side}, {get_num_threads()} threads, random weights, "
            + $"a threshold that {Candidates} candidates of NMS pass; the least of {Rounds} rounds as ratios to FCOS's network. The paper's: milliseconds on a V100.");
        output.WriteLine();
        output.WriteLine("| detector | paper, network + post-processing | network | post-processing | both |");
        output.WriteLine("|---|---|---|---|---|");
        var unit = times[0].Min(time => time.Network);
        foreach (var (row, of) in rows.Zip(times))
        {
            var (forward, after) = (of.Min(time => time.Network) / unit, of.Min(time => time.PostProcessing) / unit);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Name} | {row.Paper} | {forward:F3} | {after:F3} | {forward + after:F3} |"));
        }
        foreach (var (network, _) in detectors)
            network.Dispose();
    }

    private static (DenseDetector Network, PostProcessor PostProcessor) Prepare(DetectorOptions options, Tensor input)
    {
        var network = options.Build();
        network.eval();
        network.FoldBatchNorm();
        network.UseWinograd();
        var (best, _) = network.call(input).ClassLogits.sigmoid().flatten().topk(Candidates + 1);
        return (network, new PostProcessor(network, new() { CandidateThreshold = best[Candidates].item<float>() }));
    }

    private static (double Network, double PostProcessing) Time(DenseDetector network, PostProcessor postProcessor, Tensor input)
    {
        using var scope = NewDisposeScope();
        var start = Stopwatch.GetTimestamp();
        var outputs = network.call(input);
        var forward = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        postProcessor.Process(outputs, [(Side, Side)]);
        return (forward, Stopwatch.GetElapsedTime(start).TotalMilliseconds - forward);
    }
}
