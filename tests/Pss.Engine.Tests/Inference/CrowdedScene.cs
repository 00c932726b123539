using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Inference;

/// <summary>A scene with a crowd of one class, and a detector that has learnt it by heart.</summary>
public sealed class CrowdedScene
{
    private static readonly SceneGenerator Generator = new(
        new() { Width = 128, Height = 96, MinObjects = 5, MaxObjects = 5, MinSize = 30, MaxSize = 60, CrowdProbability = 1, MinOverlap = 0.5 }, seed: 9);

    private static readonly Resize Size = Resize.Letterbox(128, 96);

    public CrowdedScene()
    {
        var detector = DetectorOptions.FcosPss(SceneGenerator.Categories.Count) with
        {
            Backbone = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 16 }.FromScratch(Normalization.GroupNorm),
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 2, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(25, 0.8) with { WarmUpSteps = 20 },
            BatchSize = 1,
            NominalBatch = 1,
            ReferenceBatch = 1,
            LearningRate = 0.02,
            Device = "cpu",
            Workers = 1,
        };
        Model = new DetectorTrainer(detector, training, new() { Sizes = [Size], HorizontalFlip = 0 }, Size)
            .Train(new RepeatedSample(new DatasetSampleSource(Generator.Dataset(Index, 1)).Load(0), 40), [.. SceneGenerator.Categories.Select(category => category.Name)]);
    }

    public DetectorModel Model { get; }

    public RgbImage Image { get; } = Generator.Draw(Index);

    public IReadOnlyList<ObjectAnnotation> Objects { get; } = Generator.Describe(Index).Objects;

    private static int Index => 1;
}
