using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Boxes;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Benchmarks;

/// <summary>Exported graphs against each other on ONNX Runtime, one thread, by processor time.</summary>
internal static class OnnxPartsBenchmark
{
    private const int Size = 512;
    private const int Rounds = 15;

    /// <summary>The int8 network against the float32 one at 1x3x512x512, and the post-processing at 800x1344: with 80 classes, and what local maxima add to it.</summary>
    public static void Run(string[] arguments)
    {
        var model = Setup.Untrained(DetectorOptions.FcosPss(91), Resize.Letterbox(Size, Size));
        var options = new OnnxExportOptions { ScaleImages = false, ImageSizes = false };
        var pixels = new byte[3 * Size * Size];
        new Random(1).NextBytes(pixels);
        using (var exact = new Graph(OnnxExporter.Export(model, options)))
        using (var quantized = new Graph(OnnxExporter.Export(model, options with { CalibrationImages = Setup.Noise(2, Size, Size) })))
        {
            exact.Add("images", OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, Size, Size]));
            quantized.Add("images", OrtValue.CreateTensorValueFromMemory(pixels, [1, 3, Size, Size]));
            SideBySide.CompareProcessorTime($"FCOS_PSS, 1x3x{Size}x{Size}, float32", exact.Run, "int8", quantized.Run, Rounds);
        }
        // A trained detector is sure of most of the background; -2 leaves about as many candidates to NMS as its limit per level admits.
        foreach (var mean in new[] { -6f, -4f, -2f })
        {
            using var nms = PostProcessing(DetectionMode.OneToMany, mean);
            using var endToEnd = PostProcessing(DetectionMode.EndToEnd, mean);
            SideBySide.CompareProcessorTime($"post-processing 800x1344, 80 classes, class logits around {mean}, NMS", nms.Run, "end to end", endToEnd.Run, Rounds);
        }
        foreach (var classes in new[] { 3, 80 })
        {
            using var all = PostProcessing(DetectionMode.EndToEnd, -4, classes);
            using var maxima = PostProcessing(DetectionMode.EndToEnd, -4, classes, new() { LocalMaxima = true });
            SideBySide.CompareProcessorTime($"post-processing 800x1344, {classes} classes, end to end, all locations", all.Run, "local maxima", maxima.Run, Rounds);
        }
    }

    private static Graph PostProcessing(DetectionMode mode, float mean, int classes = 80, SelectorOptions? selector = null)
    {
        const int height = 800, width = 1344;
        using var network = (DetectorOptions.FcosPss(classes) with { Selector = selector ?? new() }).Build();
        var graph = new OnnxGraph("post-processing");
        var count = LevelShape.Of(height, width).Sum(level => level.Count);
        var values = new HeadValues(Input("classes", count, classes), Input("boxes", count, 4), Input("quality", count), mode == DetectionMode.EndToEnd ? Input("selector", count) : OnnxValue.None);
        var limits = graph.Weight("limits", [width, height, width, height], [1, 1, 4]);
        new PostProcessor(network, new() { Mode = mode }).Export(graph, values, limits, new(width, height)).OutputPlain(graph, "out.", 1, masks => masks);
        var result = new Graph(graph.ToArray());
        var random = new Random(2);
        Fill("classes", () => mean + 2 * (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5), count, classes);
        Fill("boxes", () => 4 * random.NextSingle(), count, 4);
        Fill("quality", () => 2 * random.NextSingle() - 1, count);
        if (mode == DetectionMode.EndToEnd)
            Fill("selector", () => 2 * random.NextSingle() - 1, count);
        return result;

        OnnxValue Input(string name, params OnnxDimension[] shape) => graph.Input(name, OnnxType.Float32, [1, .. shape]);

        void Fill(string name, Func<float> number, params long[] shape) => result.Add(
            name, OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => number())], [1, .. shape]));
    }

    /// <summary>A session with its inputs.</summary>
    private sealed class Graph : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly RunOptions _options = new();
        private readonly Dictionary<string, OrtValue> _inputs = [];

        public Graph(byte[] model)
        {
            using var options = new SessionOptions { IntraOpNumThreads = 1 };
            _session = new(model, options);
        }

        public void Add(string name, OrtValue value) => _inputs.Add(name, value);

        public void Run() => _session.Run(_options, _inputs, [.. _session.OutputMetadata.Keys]).Dispose();

        public void Dispose()
        {
            foreach (var input in _inputs.Values)
                input.Dispose();
            _options.Dispose();
            _session.Dispose();
        }
    }
}
