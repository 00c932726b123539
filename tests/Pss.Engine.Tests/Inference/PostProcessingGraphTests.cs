using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Tests.Onnx;
using TorchSharp;
using static TorchSharp.torch;
using FloatTensor = Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>;

namespace Pss.Engine.Tests.Inference;

/// <summary>The post-processing as operators, on ONNX Runtime, finds what the library finds in the same random outputs of a head.</summary>
public sealed class PostProcessingGraphTests
{
    private const int Classes = 3;
    private const int Images = 2;
    private const int Height = 192;
    private const int Width = 256;

    public static TheoryData<string, PostProcessingOptions> Cases => new()
    {
        { "fcos", new() },
        { "fcos", new() { MaxDetections = 7, ScoreThreshold = 0.4f } },
        // More than there are locations.
        { "fcos", new() { MaxDetections = 2000 } },
        { "atss", new() },
        { "fcos, local maxima", new() },
        // More than there are maxima.
        { "fcos, local maxima", new() { MaxDetections = 2000 } },
        { "fcos, local maxima", new() { Mode = DetectionMode.OneToMany } },
        { "fcos", new() { Mode = DetectionMode.OneToMany } },
        // Levels with more locations than candidates, and with fewer.
        { "fcos", new() { Mode = DetectionMode.OneToMany, CandidatesPerLevel = 60, CandidateThreshold = 0.6f } },
        { "atss", new() { Mode = DetectionMode.OneToMany, CandidatesPerLevel = 60, ScoreThreshold = 0.5f } },
        { "fcos", new() { Mode = DetectionMode.OneToMany, CandidatesPerLevel = 60, GeometricMean = true } },
        { "fcos", new() { Mode = DetectionMode.OneToMany, CandidatesPerLevel = 20, MaxDetections = 5000 } },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_finds_what_the_library_finds(string detector, PostProcessingOptions options)
    {
        using var scope = NewDisposeScope();
        DetectorOptions kind = detector == "atss" ? DetectorOptions.AtssPss(Classes) : DetectorOptions.FcosPss(Classes);
        using var network = SmallDetectors.Small(kind with { Selector = new() { LocalMaxima = detector.EndsWith("maxima") } }).Build();
        using var plain = SmallDetectors.Small(kind).Build();
        var outputs = Random(1);
        var expected = new PostProcessor(network, options).Process(outputs, [(Width, Height), (200, 100)]);
        foreach (var free in new[] { false, true })
        {
            var found = Run(network, outputs, options, free);
            for (var image = 0; image < Images; image++)
            {
                Assert.Equal(expected[image].Select(d => d.Label), found[image].Select(d => d.Label));
                Assert.All(expected[image].Zip(found[image]), pair => Assert.True(Distance(pair.First, pair.Second) < 1e-3, $"{pair}"));
            }
            Assert.True(found[0].Length > 5);
            if (options.Mode == DetectionMode.OneToMany)
                Assert.Equal(found[0], Run(plain, outputs, options, free)[0]);
        }
    }

    /// <summary>With few different scores: every score is the library's, and of equal ones the earlier location and class come first.</summary>
    [Fact]
    public void Equal_scores_come_in_the_order_of_locations_and_classes()
    {
        using var scope = NewDisposeScope();
        using var network = SmallDetectors.FcosPss.Build();
        var random = Random(2);
        var outputs = random with
        {
            ClassLogits = (random.ClassLogits * 2).round() / 2,
            QualityLogits = random.QualityLogits!.sign(),
            SelectorLogits = zeros_like(random.SelectorLogits!),
        };
        var options = new PostProcessingOptions { MaxDetections = 80 };
        var scores = (outputs.ClassLogits.sigmoid() * (outputs.QualityLogits.sigmoid() * outputs.SelectorLogits.sigmoid()).unsqueeze(-1)).flatten(1);
        var found = Run(network, outputs, options, free: false);
        for (var image = 0; image < Images; image++)
        {
            var all = scores[image].data<float>().ToArray();
            var best = Enumerable.Range(0, all.Length).OrderByDescending(i => MathF.Round(all[i], 5)).ThenBy(i => i).Take(80).ToArray();
            Assert.True(best.Select(i => MathF.Round(all[i], 5)).Distinct().Count() < 20);
            Assert.Equal(best.Select(i => i % Classes), found[image].Select(d => d.Label));
            Assert.All(best.Zip(found[image]), pair => Assert.Equal(all[pair.First], pair.Second.Score, 1e-6f));
        }
    }

    private static double Distance(Detection a, Detection b) => new[] { a.X1 - b.X1, a.Y1 - b.Y1, a.X2 - b.X2, a.Y2 - b.Y2, a.Score - b.Score }.Max(Math.Abs);

    private static HeadOutputs Random(ulong seed)
    {
        using var generator = new Generator(seed);
        var levels = LevelShape.Of(Height, Width);
        var count = levels.Sum(level => (long)level.Count);
        return new(Normal(count, Classes), rand([Images, count, 4], generator: generator) * 3, Normal(count), Normal(count), [.. levels]);

        Tensor Normal(params long[] shape) => randn([Images, .. shape], generator: generator) * 2;
    }

    /// <summary>The detections of each image; with a free size, the graph is one for larger inputs.</summary>
    private static Detection[][] Run(DenseDetector network, HeadOutputs outputs, PostProcessingOptions options, bool free)
    {
        var graph = new OnnxGraph("post-processing");
        var values = new HeadValues(Input("classes", "l", Classes), Input("boxes", "l", 4), Input("quality", "l"), Input("selector", "l"));
        var limits = graph.Input("limits", OnnxType.Float32, Images, 1, 4);
        var size = free ? new InputSize(384, 320, (graph.Integers(Width), graph.Integers(Height))) : new InputSize(Width, Height);
        new PostProcessor(network, options).Export(graph, values, limits, size).OutputPlain(graph, "out.", Images, masks => masks);

        using var session = OrtSessions.Open(graph.ToArray());
        var tensors = new Dictionary<string, Tensor>
        {
            ["classes"] = outputs.ClassLogits,
            ["boxes"] = outputs.Boxes,
            ["quality"] = outputs.QualityLogits!,
            ["selector"] = outputs.SelectorLogits!,
            ["limits"] = tensor(new float[] { Width, Height, Width, Height, 200, 100, 200, 100 }, [Images, 1, 4]),
        };
        var inputs = session.InputMetadata.Keys.Select(name => NamedOnnxValue.CreateFromTensor(
            name,
            new FloatTensor(tensors[name].contiguous().data<float>().ToArray(), [.. tensors[name].shape.Select(side => (int)side)])));
        using var results = session.Run([.. inputs], ["out.boxes", "out.scores", "out.labels"]);
        var (boxes, scores, labels) = (results[0].AsEnumerable<float>().ToArray(), results[1].AsEnumerable<float>().ToArray(), results[2].AsEnumerable<long>().ToArray());
        var perImage = labels.Length / Images;
        return [.. Enumerable.Range(0, Images).Select(image => Enumerable.Range(image * perImage, perImage).Where(i => labels[i] >= 0)
            .Select(i => new Detection(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], scores[i], (int)labels[i])).ToArray())];

        OnnxValue Input(string name, params OnnxDimension[] shape) => graph.Input(name, OnnxType.Float32, [Images, .. shape]);
    }
}
