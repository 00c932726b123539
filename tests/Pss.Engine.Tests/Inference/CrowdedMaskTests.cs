using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Inference;

/// <summary>CondInst_PSS that has learnt one crowded scene by heart: one detection and one mask an object.</summary>
public class CrowdedMaskTests
{
    private static readonly SceneGenerator Generator = new(
        new() { Width = 192, Height = 160, MinObjects = 4, MaxObjects = 4, MinSize = 64, MaxSize = 100, CrowdProbability = 1, MinOverlap = 0.5, Masks = true }, seed: 9);

    private static readonly Resize Size = Resize.Letterbox(192, 160);

    [Fact]
    public void Each_object_is_found_once_with_its_mask()
    {
        var detector = DetectorOptions.CondInstPss(SceneGenerator.Categories.Count) with
        {
            Backbone = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 16 }.FromScratch(Normalization.GroupNorm),
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 2, Groups = 8 },
            Selector = new() { Groups = 8 },
            MaskChannels = 32,
            MaskConvolutions = 2,
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(16, 0.8) with { WarmUpSteps = 20 },
            BatchSize = 1,
            NominalBatch = 1,
            ReferenceBatch = 1,
            LearningRate = 0.02,
            Device = "cpu",
            Workers = 1,
        };
        var dataset = Generator.Dataset(1, 1);
        var model = new DetectorTrainer(detector, training, new() { Sizes = [Size], HorizontalFlip = 0 }, Size)
            .Train(new Repeated(dataset, 40), [.. SceneGenerator.Categories.Select(category => category.Name)]);
        using var inference = new Detector(model, new() { Device = "cpu" });
        var found = inference.Detect(dataset.LoadImage(dataset.Images[0], new()));

        var boxes = new CocoEvaluator().Evaluate(dataset, [found]);
        var masks = new CocoEvaluator(new() { Masks = true }).Evaluate(dataset, [found]);
        Assert.Equal(4, found.Count(detection => detection.Score >= 0.3));
        Assert.InRange(boxes.Summary.AP, 0.9, 1);
        Assert.InRange(masks.Summary.AP, 0.9, 1);
    }

    private sealed class Repeated(DetectionDataset dataset, int count) : ISampleSource
    {
        private readonly TrainingSample _sample = new DatasetSampleSource(dataset, masks: true).Load(0);

        public int Count => count;

        public (int Width, int Height) SizeOf(int index) => (_sample.Image.Width, _sample.Image.Height);

        public TrainingSample Load(int index) => _sample;
    }
}
