using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class TrainingStepTests
{
    [Theory]
    [InlineData("FCOS", BoxWeighting.Centerness, SelectorNormalizer.MatchedObjects)]
    [InlineData("FCOS", BoxWeighting.Uniform, SelectorNormalizer.Positives)]
    [InlineData("ATSS", BoxWeighting.Centerness, SelectorNormalizer.MatchedObjects)]
    [InlineData("ATSS", BoxWeighting.Uniform, SelectorNormalizer.Positives)]
    [InlineData("DeFCN", BoxWeighting.Uniform, SelectorNormalizer.MatchedObjects)]
    public void Accumulated_passes_give_the_losses_and_gradients_of_one_batch(string kind, BoxWeighting weighting, SelectorNormalizer normalizer)
    {
        // Normalization by groups and statistics does not see the other images; objects are spread unevenly, one image has none.
        // The auxiliary loss counts passes by their images: which locations are its positives depends on predictions.
        DetectorOptions options = kind switch
        {
            "FCOS" => DetectorOptions.FcosPss(3),
            "ATSS" => DetectorOptions.AtssPss(3),
            _ => DetectorOptions.Defcn(3) with { AuxiliaryWeight = 0 },
        };
        options = SmallDetectors.Small(options) with
        {
            Backbone = SmallDetectors.Backbone with { Normalization = Pss.Engine.Layers.Normalization.GroupNorm },
            Losses = new() { BoxWeighting = weighting, SelectorNormalizer = normalizer },
        };
        float[][] boxes = [[10, 12, 50, 60, 30, 20, 120, 125, 5, 5, 30, 25], [], [60, 60, 100, 90], [8, 8, 90, 70, 64, 64, 126, 126]];
        int[][] labels = [[0, 2, 1], [], [1], [2, 0]];
        var (whole, wholeGradients) = Run(options, boxes, labels, [4]);
        foreach (var sizes in (int[][])[[2, 2], [1, 3], [1, 1, 1, 1]])
        {
            var (parts, gradients) = Run(options, boxes, labels, sizes);
            Assert.Equal(whole.Keys, parts.Keys);
            Assert.All(whole, pair => Assert.Equal(pair.Value, parts[pair.Key], 1e-5 * Math.Max(1, Math.Abs(pair.Value))));
            foreach (var (name, values) in wholeGradients)
            {
                var size = Math.Sqrt(values.Sum(value => (double)value * value));
                var distance = Math.Sqrt(values.Zip(gradients[name]).Sum(pair => Math.Pow(pair.First - pair.Second, 2)));
                Assert.True(distance <= 1e-4 * size + 1e-6, $"{name}: {distance} of {size}");
            }
        }
    }

    private static (Dictionary<string, double> Losses, Dictionary<string, float[]> Gradients) Run(DetectorOptions options, float[][] boxes, int[][] labels, int[] sizes)
    {
        using var scope = NewDisposeScope();
        using var network = options.Build(seed: 7);
        network.train();
        var step = new TrainingStep(network, CPU, channelsLast: false, indices => string.Join(", ", indices));
        var passes = new List<TrainingBatch>();
        var first = 0;
        foreach (var size in sizes)
        {
            passes.Add(Batch([.. Enumerable.Range(first, size)], boxes, labels));
            first += size;
        }
        var normalizers = step.Normalizers(passes);
        Assert.Equal(sizes.Length == 1, normalizers is null);
        var losses = new Dictionary<string, double>();
        PassLosses[] ofPasses = [.. passes.Select(batch => step.Pass(batch, normalizers))];
        foreach (var (name, value) in PassLosses.Read(ofPasses, zeros([])).Losses.SelectMany(ofPass => ofPass))
            losses[name] = losses.GetValueOrDefault(name) + value;
        return (losses, network.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => pair.parameter.grad!.data<float>().ToArray()));
    }

    private static TrainingBatch Batch(int[] images, float[][] boxes, int[][] labels) =>
        TrainingBatch.Collate([.. images.Select(image => new TrainingSample(Noise(image), boxes[image], labels[image]))], images);

    private static RgbImage Noise(int seed)
    {
        var image = new RgbImage(128, 128);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }
}
