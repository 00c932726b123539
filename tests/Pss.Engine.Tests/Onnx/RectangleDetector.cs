using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Onnx;

/// <summary>A detector trained for some seconds, and pictures of several sizes and aspect ratios that it has not seen.</summary>
[CollectionDefinition(nameof(RectangleDetector))]
public sealed class RectangleDetector : ICollectionFixture<RectangleDetector>
{
    private static readonly string[] Classes = ["bright", "dark"];

    private readonly Dictionary<(Resize Rule, int Batch), double> _libraryAP = [];

    public RectangleDetector()
    {
        var detector = DetectorOptions.FcosPss(Classes.Length) with
        {
            Backbone = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 16 }.FromScratch(Normalization.BatchNorm),
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(20, 0.8) with { WarmUpSteps = 20 },
            BatchSize = 4,
            NominalBatch = 4,
            ReferenceBatch = 4,
            LearningRate = 0.03,
            Device = "cpu",
            Workers = 1,
            Seed = 2,
        };
        Model = new DetectorTrainer(detector, training, new() { Sizes = [Resize.Letterbox(96, 64)] }, Resize.Letterbox(96, 96)).Train(Pictures(0, 64, (96, 64)));
        Truth = Pictures(1000, 24, (96, 64), (150, 110), (120, 200), (260, 100));
        Images = [.. Truth.Images.Select(record => Truth.ImageLoader!(record, new()))];
    }

    public DetectorModel Model { get; }

    public IReadOnlyList<RgbImage> Images { get; }

    private DetectionDataset Truth { get; }

    /// <summary>The AP of detections of all images, in their own pixels.</summary>
    public double AP(IReadOnlyList<IReadOnlyList<Detection>> found) => new CocoEvaluator().Evaluate(Truth, found).Summary.AP;

    /// <summary>The AP that the library itself reaches with a size rule, in batches.</summary>
    public double LibraryAP(Resize resize, int batch)
    {
        if (_libraryAP.TryGetValue((resize, batch), out var ap))
            return ap;
        using var detector = new Detector(Model, new() { Device = "cpu", Resize = resize });
        return _libraryAP[(resize, batch)] = AP([.. Images.Chunk(batch).SelectMany(images => detector.Detect(images))]);
    }

    private static DetectionDataset Pictures(int first, int count, params (int Width, int Height)[] sizes)
    {
        var pictures = Enumerable.Range(first, count).Select(i => Picture(i, sizes[i % sizes.Length])).ToArray();
        return new()
        {
            Categories = [.. Classes.Select((name, i) => new Category(i + 1, name))],
            Images = [.. pictures.Select((picture, i) => new ImageRecord
            {
                Id = i,
                FileName = $"{i}.png",
                Width = picture.Image.Width,
                Height = picture.Image.Height,
                Objects = [.. picture.Objects.Select((item, k) => item with { Id = 10 * i + k + 1 })],
            })],
            ImageLoader = (record, _) => pictures[record.Id].Image,
        };
    }

    /// <summary>Bright and dark rectangles on noisy gray, about as large in the network's input whatever the picture's size.</summary>
    private static (RgbImage Image, ObjectAnnotation[] Objects) Picture(int index, (int Width, int Height) size)
    {
        var (width, height) = size;
        var random = SeededRandom.For(23, 0, index);
        var image = new RgbImage(width, height);
        foreach (ref var value in image.Pixels.AsSpan())
            value = (byte)random.Next(100, 141);
        var unit = Math.Min(width, height) / 64.0;
        var objects = new ObjectAnnotation[random.Next(1, 4)];
        for (var i = 0; i < objects.Length; i++)
        {
            var (w, h, label) = ((int)(unit * random.Next(12, 28)), (int)(unit * random.Next(12, 28)), random.Next(2));
            var (x, y) = (random.Next(width - w), random.Next(height - h));
            for (var row = y; row < y + h; row++)
                image.Pixels.AsSpan(3 * (row * width + x), 3 * w).Fill((byte)(label == 0 ? 240 : 15));
            objects[i] = new() { Label = label, Box = new(x, y, w, h) };
        }
        return (image, objects);
    }
}
