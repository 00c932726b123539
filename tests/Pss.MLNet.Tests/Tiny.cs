using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;

namespace Pss.MLNet.Tests;

/// <summary>A detector and pictures small enough to train in a test.</summary>
internal static class Tiny
{
    public const int Size = 64;
    public static readonly string[] Classes = ["bright", "dark"];

    static Tiny() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));

    public static PssDetectionOptions Options { get; } = new()
    {
        Detector = detector => DetectorOptions.FcosPss(detector.Classes) with
        {
            Backbone = ResNetOptions.ResNet18 with { Width = 8, FrozenStages = 0, Normalization = Normalization.BatchNorm },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { HiddenConvolutions = 1, Groups = 8 },
        },
        Training = training => training with
        {
            Schedule = new() { Epochs = 2, DecayEpochs = [], WarmUpSteps = 2 },
            BatchSize = 4,
            NominalBatch = 4,
            ReferenceBatch = 4,
            Device = "cpu",
            Workers = 2,
            Seed = 3,
        },
        Resize = Resize.Letterbox(Size, Size),
        Inference = new() { Device = "cpu", PostProcessing = new() { MaxDetections = 10 } },
        ScoreThreshold = 0,
        ScoringBatchSize = 4,
    };

    /// <summary>Gray pictures with one to three squares, brighter or darker than the ground.</summary>
    public static IEnumerable<SquareRow> Rows(int count, int first = 0) => Enumerable.Range(first, count).Select(Row);

    public static IDataView View(MLContext context, int count, int first = 0) => context.Data.LoadFromEnumerable(Rows(count, first).ToArray());

    /// <summary>Names to keys, and the detector.</summary>
    public static EstimatorChain<PssDetectionTransformer> Pipeline(MLContext context, PssDetectionOptions? options = null)
        => context.Transforms.Conversion.MapValueToKey("Label", "Names", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(context.Transforms.DetectObjectsPss(options ?? Options));

    public static RgbImage Picture(SquareRow row)
    {
        var image = new RgbImage(Size, Size);
        Array.Fill(image.Pixels, (byte)120);
        for (var i = 0; i < row.Names.Length; i++)
        {
            var (x, y, side) = ((int)row.BoundingBoxes[4 * i], (int)row.BoundingBoxes[4 * i + 1], (int)(row.BoundingBoxes[4 * i + 2] - row.BoundingBoxes[4 * i]));
            for (var line = y; line < y + side; line++)
                image.Pixels.AsSpan(3 * (line * Size + x), 3 * side).Fill((byte)(row.Names[i] == "bright" ? 250 : 10));
        }
        return image;
    }

    public static MLImage ToMLImage(RgbImage image)
    {
        var pixels = new byte[4 * image.Width * image.Height];
        for (int i = 0, j = 0; i < pixels.Length; i += 4, j += 3)
            (pixels[i], pixels[i + 1], pixels[i + 2], pixels[i + 3]) = (image.Pixels[j + 2], image.Pixels[j + 1], image.Pixels[j], 255);
        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Bgra32, pixels);
    }

    private static SquareRow Row(int index)
    {
        var random = SeededRandom.For(17, 0, index);
        var (boxes, names) = (new List<float>(), new List<string>());
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var side = random.Next(12, 24);
            var (x, y) = (random.Next(Size - side), random.Next(Size - side));
            boxes.AddRange([x, y, x + side, y + side]);
            names.Add(random.Next(2) == 0 ? "bright" : "dark");
        }
        var row = new SquareRow { Number = index, ImagePath = $"square {index}", BoundingBoxes = [.. boxes], Names = [.. names] };
        row.Image = ToMLImage(Picture(row));
        return row;
    }
}
