using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Inference;

/// <summary>Each further detector of the paper, having learnt one crowded scene by heart, finds each object once without NMS, and masks where it has them.</summary>
public class CrowdedDetectorsTests
{
    private const float Threshold = 0.3f;

    [Theory]
    [InlineData("ATSS_PSS", 14, 0.01, 0.9)]
    [InlineData("VFNet_PSS", 16, 0.01, 0.9)]
    [InlineData("GFocalV2_PSS", 24, 0.01, 0.9)]
    // One positive per object teaches boxes slowly.
    [InlineData("DeFCN", 20, 0.03, 0.75)]
    public void Each_object_is_found_once(string name, int epochs, double rate, double leastAp)
    {
        var scenes = Scenes(128, 96, 30, 60);
        var found = Learn(Small(Named(name)), scenes, Resize.Letterbox(128, 96), epochs, rate, warmUp: 100);
        Assert.Equal(scenes.Images[0].Objects.Count, found.Count(detection => detection.Score >= Threshold));
        Assert.InRange(new CocoEvaluator().Evaluate(scenes, [found]).Summary.AP, leastAp, 1);
    }

    [Fact]
    public void Each_object_is_found_once_with_its_mask()
    {
        var scenes = Scenes(192, 160, 64, 100);
        var options = (CondInstOptions)Small(DetectorOptions.CondInstPss(SceneGenerator.Categories.Count)) with { MaskChannels = 32, MaskConvolutions = 2 };
        var found = Learn(options, scenes, Resize.Letterbox(192, 160), epochs: 16);
        Assert.Equal(scenes.Images[0].Objects.Count, found.Count(detection => detection.Score >= Threshold));
        Assert.InRange(new CocoEvaluator().Evaluate(scenes, [found]).Summary.AP, 0.9, 1);
        Assert.InRange(new CocoEvaluator(new() { Masks = true }).Evaluate(scenes, [found]).Summary.AP, 0.9, 1);
    }

    private static DetectorOptions Named(string name) => name switch
    {
        "ATSS_PSS" => DetectorOptions.AtssPss(SceneGenerator.Categories.Count),
        "DeFCN" => DetectorOptions.Defcn(SceneGenerator.Categories.Count),
        "VFNet_PSS" => DetectorOptions.VfnetPss(SceneGenerator.Categories.Count),
        _ => DetectorOptions.GfocalV2Pss(SceneGenerator.Categories.Count),
    };

    private static DetectorOptions Small(DetectorOptions options) => options with
    {
        Backbone = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 16 }.FromScratch(Normalization.GroupNorm),
        Pyramid = options.Pyramid with { Channels = 32 },
        Head = options.Head with { Convolutions = 2, Groups = 8 },
        Selector = options.Selector is null ? null : new() { Groups = 8 },
    };

    private static DetectionDataset Scenes(int width, int height, double smallest, double largest) => new SceneGenerator(
        new()
        {
            Width = width,
            Height = height,
            MinObjects = 4,
            MaxObjects = 4,
            MinSize = smallest,
            MaxSize = largest,
            CrowdProbability = 1,
            MinOverlap = 0.4,
            MaxOverlap = 0.65,
            Masks = true,
        },
        seed: 9).Dataset(1, 1);

    private static IReadOnlyList<Detection> Learn(DetectorOptions detector, DetectionDataset scene, Resize size, int epochs, double rate = 0.02, int warmUp = 20)
    {
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(epochs, 0.8) with { WarmUpSteps = warmUp },
            BatchSize = 1,
            NominalBatch = 1,
            ReferenceBatch = 1,
            LearningRate = rate,
            Device = "cpu",
            Workers = 1,
        };
        var model = new DetectorTrainer(detector, training, new() { Sizes = [size], HorizontalFlip = 0 }, size)
            .Train(new RepeatedSample(new DatasetSampleSource(scene, masks: true).Load(0), 40), [.. SceneGenerator.Categories.Select(category => category.Name)]);
        using var inference = new Detector(model, new() { Device = "cpu" });
        return inference.Detect(scene.LoadImage(scene.Images[0], new()));
    }
}
