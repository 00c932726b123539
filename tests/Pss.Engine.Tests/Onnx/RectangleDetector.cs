using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Onnx;

/// <summary>A detector trained for some seconds, and pictures of several sizes and aspect ratios that it has not seen.</summary>
public sealed class RectangleDetector
{
    private static readonly (int Width, int Height)[] Sizes = [(96, 64), (150, 110), (120, 200), (260, 100)];
    private static readonly string[] Classes = ["bright", "dark"];

    private readonly Dictionary<(Resize Rule, int Batch), double> _libraryAP = [];

    public RectangleDetector()
    {
        var detector = DetectorOptions.FcosPss(Classes.Length) with
        {
            Backbone = new ResNetOptions { Block = ResNetBlock.Basic, Layers = [1, 1, 1, 1], Width = 16 }.FromScratch(Normalization.GroupNorm),
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Steps(30, 0.8) with { WarmUpSteps = 20 },
            BatchSize = 4,
            NominalBatch = 4,
            ReferenceBatch = 4,
            LearningRate = 0.03,
            Device = "cpu",
            Workers = 1,
            Seed = 2,
        };
        Model = new DetectorTrainer(detector, training, new() { Sizes = [Resize.Letterbox(96, 64)] }, Resize.Letterbox(96, 96)).Train(new Pictures(64), Classes);
        var pictures = Enumerable.Range(1000, 32).Select(i => (Size: Sizes[i % Sizes.Length], Content: Picture(i, Sizes[i % Sizes.Length]))).ToArray();
        Images = [.. pictures.Select(picture => picture.Content.Image)];
        Truth = new()
        {
            Categories = [.. Classes.Select((name, i) => new Category(i + 1, name))],
            Images = [.. pictures.Select((picture, i) => new ImageRecord
            {
                Id = i + 1,
                FileName = $"{i}.png",
                Width = picture.Size.Width,
                Height = picture.Size.Height,
                Objects = [.. picture.Content.Labels.Select((label, k) => new ObjectAnnotation { Id = 10 * i + k + 1, Label = label, Box = Box(picture.Content.Boxes[(4 * k)..]) })],
            })],
        };
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

    /// <summary>Bright and dark rectangles on noisy gray, about as large in the network's input whatever the picture's size.</summary>
    private static TrainingSample Picture(int index, (int Width, int Height) size)
    {
        var (width, height) = size;
        var random = SeededRandom.For(23, 0, index);
        var image = new RgbImage(width, height);
        foreach (ref var value in image.Pixels.AsSpan())
            value = (byte)random.Next(100, 141);
        var (boxes, labels) = (new List<float>(), new List<int>());
        var unit = Math.Min(width, height) / 64.0;
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var (w, h, label) = ((int)(unit * random.Next(12, 28)), (int)(unit * random.Next(12, 28)), random.Next(2));
            var (x, y) = (random.Next(width - w), random.Next(height - h));
            for (var row = y; row < y + h; row++)
                image.Pixels.AsSpan(3 * (row * width + x), 3 * w).Fill((byte)(label == 0 ? 240 : 15));
            boxes.AddRange([x, y, x + w, y + h]);
            labels.Add(label);
        }
        return new(image, [.. boxes], [.. labels]);
    }

    private static BoundingBox Box(float[] corners) => BoundingBox.FromCorners(corners[0], corners[1], corners[2], corners[3]);

    private sealed class Pictures(int count) : ISampleSource
    {
        public int Count => count;

        public (int Width, int Height) SizeOf(int index) => (96, 64);

        public TrainingSample Load(int index) => Picture(index, SizeOf(index));
    }
}
