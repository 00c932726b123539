using Pss.Engine.Boxes;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Detectors;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Inference;

/// <summary>The one-to-many output against torchvision's, on its own slim models.</summary>
public class TorchvisionDetectionTests
{
    [Theory]
    [InlineData("tiny", "a")]
    [InlineData("tiny", "odd")]
    [InlineData("micro", "a")]
    [InlineData("micro", "b")]
    public void Detections_equal_the_oracle(string model, string input)
    {
        using var scope = NewDisposeScope();
        using var evaluation = no_grad();
        using var network = TorchvisionFcosTests.Load(model);
        network.eval();
        var file = OracleTensors.Arrays("torchvision_fcos", model, $"expected_{input}.safetensors");
        var batch = OracleTensors.Arrays("torchvision_fcos", model, "inputs.safetensors")[input].ToTensor();
        var outputs = network.call(batch);
        var sizes = Enumerable.Repeat(((int)batch.shape[3], (int)batch.shape[2]), (int)batch.shape[0]).ToArray();
        foreach (var (set, options) in Sets)
        {
            foreach (var locations in (string[])["tv", "half"])
            {
                var anchors = file[locations == "tv" ? "anchors_torchvision" : "anchors_half_stride"].ToTensor();
                var grid = new AnchorPoints((anchors.narrow(1, 0, 2) + anchors.narrow(1, 2, 2)) * 0.5, anchors.select(1, 2) - anchors.select(1, 0), outputs.Levels);
                var found = new PostProcessor(network, options).Process(outputs, grid, sizes);
                for (var image = 0; image < found.Length; image++)
                {
                    var name = $"det.{set}.{locations}.{image}";
                    Assert.Equal(OracleTensors.ToArray(file[name + ".labels"].ToTensor()), found[image].Select(d => (long)d.Label));
                    Close(file[name + ".scores"].ToSingles(), [.. found[image].Select(d => d.Score)], 1e-5f);
                    Close(file[name + ".boxes"].ToSingles(), [.. found[image].SelectMany(d => new[] { d.X1, d.Y1, d.X2, d.Y2 })], 1e-2f);
                }
            }
        }
    }

    private static (string Name, PostProcessingOptions Options)[] Sets { get; } =
    [
        ("default", new() { Mode = DetectionMode.OneToMany, GeometricMean = true, CandidateThreshold = 0.2f }),
        ("tight", new()
        {
            Mode = DetectionMode.OneToMany, GeometricMean = true, NmsThreshold = 0.5f, CandidatesPerLevel = 60, MaxDetections = 30,
        }),
    ];

    private static void Close(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
