using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Training;

/// <summary>A detector and pictures small enough to train in a test.</summary>
internal static class TinyDetector
{
    public const int Size = 64;
    public static readonly string[] Classes = ["bright", "dark"];

    public static DetectorOptions Options { get; } = DetectorOptions.FcosPss(Classes.Length) with
    {
        Backbone = ResNetOptions.ResNet18 with { Width = 8, FrozenStages = 0, Normalization = Normalization.BatchNorm },
        Pyramid = new() { Channels = 32 },
        Head = new() { Convolutions = 1, Groups = 8 },
        Selector = new() { HiddenConvolutions = 1, Groups = 8 },
    };

    public static TrainingOptions Training { get; } = new()
    {
        Schedule = new() { Epochs = 2, DecayEpochs = [], WarmUpSteps = 2 },
        BatchSize = 4,
        NominalBatch = 4,
        ReferenceBatch = 4,
        Device = "cpu",
        Workers = 2,
        Seed = 3,
    };

    public static AugmentationOptions Augmentation { get; } = new() { Sizes = [Resize.ShortestEdge(Size, Size), Resize.ShortestEdge(Size + 32, Size + 32)] };

    public static DetectorTrainer Trainer(TrainingOptions? training = null, DetectorOptions? detector = null)
        => new(detector ?? Options, training ?? Training, Augmentation, Resize.ShortestEdge(Size, Size));

    /// <summary>The annotations of the first pictures of <see cref="Squares"/>.</summary>
    public static DetectionDataset Truth(int count)
    {
        return new()
        {
            Categories = [.. Classes.Select((name, i) => new Category(i + 1, name))],
            Images = [.. Enumerable.Range(0, count).Select(Image)],
            ImageLoader = (image, _) => new Squares(count).Load((int)image.Id - 1).Image,
        };

        ImageRecord Image(int index)
        {
            var sample = new Squares(count).Load(index);
            var objects = sample.Labels.Select((label, i) => new ObjectAnnotation
            {
                Id = 10 * index + i + 1,
                Label = label,
                Box = BoundingBox.FromCorners(sample.Boxes[4 * i], sample.Boxes[4 * i + 1], sample.Boxes[4 * i + 2], sample.Boxes[4 * i + 3]),
            });
            return new() { Id = index + 1, FileName = $"{index}.png", Width = Size, Height = Size, Objects = [.. objects] };
        }
    }

    /// <summary>Gray pictures with one to three squares, brighter or darker than the ground.</summary>
    public sealed class Squares(int count) : ISampleSource
    {
        public int Count => count;

        public (int Width, int Height) SizeOf(int index) => (Size, Size);

        public TrainingSample Load(int index)
        {
            var random = SeededRandom.For(17, 0, index);
            var image = new RgbImage(Size, Size);
            Array.Fill(image.Pixels, (byte)120);
            var (boxes, labels) = (new List<float>(), new List<int>());
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var (side, label) = (random.Next(12, 24), random.Next(2));
                var (x, y) = (random.Next(Size - side), random.Next(Size - side));
                for (var row = y; row < y + side; row++)
                    image.Pixels.AsSpan(3 * (row * Size + x), 3 * side).Fill((byte)(label == 0 ? 250 : 10));
                boxes.AddRange([x, y, x + side, y + side]);
                labels.Add(label);
            }
            return new(image, [.. boxes], [.. labels]);
        }
    }
}
