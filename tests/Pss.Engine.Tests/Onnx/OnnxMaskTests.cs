using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Onnx;

/// <summary>The masks of an exported detector are the library's, pixel by pixel, but for those whose probability is a half to rounding.</summary>
public sealed class OnnxMaskTests
{
    private const double Rounding = 0.001;
    private static readonly string[] Names = ["boxes", "scores", "labels", "masks"];
    private static readonly RgbImage[] Images = [Noise(150, 117, 1), Noise(90, 200, 2)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_an_image_at_its_own_size(bool letterbox)
    {
        var model = Model(letterbox ? Resize.Letterbox(128, 96) : Resize.ShortestEdge(64, 120));
        using var session = OrtSessions.Open(OnnxExporter.Export(model, new() { PostProcessing = Best }));
        foreach (var image in Images)
        {
            using var input = OrtValue.CreateTensorValueFromMemory(image.Pixels, [image.Height, image.Width, 3]);
            using var results = session.Run(new RunOptions(), ["image"], [input], Names);
            Assert.Equal([Best.MaxDetections, image.Height, image.Width], results[3].GetTensorTypeAndShape().Shape);
            Compare(Detect(model, [image])[0], results[3].GetTensorDataAsSpan<byte>().ToArray(), image, image.Width, image.Height);
        }
    }

    [Fact]
    public void Of_a_batch_of_images_at_their_own_sizes()
    {
        var model = Model(Resize.Letterbox(128, 96));
        using var session = OrtSessions.Open(OnnxExporter.Export(model, new() { PostProcessing = Best, BatchSize = null }));
        var (pixels, width, height) = ForeignCallers.Stack(Images, _ => { });
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [Images.Length, height, width, 3]);
        using var sizes = OrtValue.CreateTensorValueFromMemory(Images.SelectMany(image => new float[] { image.Width, image.Height }).ToArray(), [Images.Length, 2]);
        using var results = session.Run(new RunOptions(), ["images", "sizes"], [input, sizes], Names);
        var masks = results[3].GetTensorDataAsSpan<byte>().ToArray();
        var found = Detect(model, Images);
        for (var i = 0; i < Images.Length; i++)
            Compare(found[i], masks[(i * masks.Length / 2)..((i + 1) * masks.Length / 2)], Images[i], width, height);
    }

    [Fact]
    public void Of_images_scaled_by_the_caller_in_pixels_of_the_input()
    {
        var model = Model(Resize.Letterbox(128, 96));
        using var session = OrtSessions.Open(OnnxExporter.Export(model, new() { PostProcessing = Best, ScaleImages = false }));
        var image = Noise(128, 96, 3);
        var planes = new byte[image.Pixels.Length];
        Resize.Letterbox(128, 96).For(128, 96).WritePlanes(image, planes);
        using var input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, 96, 128]);
        using var sizes = OrtValue.CreateTensorValueFromMemory(new float[] { 128, 96 }, [1, 2]);
        using var results = session.Run(new RunOptions(), ["images", "sizes"], [input, sizes], Names);
        Compare(Detect(model, [image])[0], results[3].GetTensorDataAsSpan<byte>().ToArray(), image, 128, 96);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_no_detections_there_are_none(bool scaleImages)
    {
        var model = Model(Resize.Letterbox(128, 96));
        var none = Best with { ScoreThreshold = 0.9999f };
        using var session = OrtSessions.Open(OnnxExporter.Export(model, new() { PostProcessing = none, ScaleImages = scaleImages }));
        var image = Noise(128, 96, 3);
        using var own = OrtValue.CreateTensorValueFromMemory(image.Pixels, [96, 128, 3]);
        using var planes = OrtValue.CreateTensorValueFromMemory(image.Pixels, [1, 3, 96, 128]);
        using var sizes = OrtValue.CreateTensorValueFromMemory(new float[] { 128, 96 }, [1, 2]);
        using var results = scaleImages ? session.Run(new RunOptions(), ["image"], [own], Names) : session.Run(new RunOptions(), ["images", "sizes"], [planes, sizes], Names);
        Assert.Equal(scaleImages ? 0 : Best.MaxDetections, results[1].GetTensorDataAsSpan<float>().Length);
        Assert.Equal(scaleImages ? 0 : Best.MaxDetections * 96 * 128, results[3].GetTensorDataAsSpan<byte>().Length);
    }

    private static PostProcessingOptions Best { get; } = new() { MaxDetections = 9 };

    private static void Compare(IReadOnlyList<Detection> expected, byte[] masks, RgbImage image, int width, int height)
    {
        Assert.Equal(Best.MaxDetections, expected.Count);
        var (different, set) = (0, 0);
        for (var i = 0; i < expected.Count; i++)
        {
            var bitmap = expected[i].Mask!.ToBitmap(image.Height, image.Width);
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++)
                {
                    var isSet = x < image.Width && y < image.Height && bitmap[y * image.Width + x];
                    different += isSet == (masks[(i * height + y) * width + x] == 1) ? 0 : 1;
                    set += isSet ? 1 : 0;
                }
        }
        var all = (double)expected.Count * image.Width * image.Height;
        Assert.InRange(set / all, 0.05, 0.95);
        Assert.InRange(different / all, 0, Rounding);
    }

    private static IReadOnlyList<IReadOnlyList<Detection>> Detect(DetectorModel model, RgbImage[] images)
    {
        using var detector = new Detector(model, new() { Device = "cpu", PostProcessing = Best });
        return detector.Detect(images);
    }

    /// <summary>A detector with drawn weights whose masks are no blanks.</summary>
    private static DetectorModel Model(Resize resize)
    {
        var options = (CondInstOptions)SmallDetectors.Small(DetectorOptions.CondInstPss(3)) with { MaskChannels = 8, MaskConvolutions = 1 };
        using var network = options.Build(seed: 3);
        using (no_grad())
        using (NewDisposeScope())
            foreach (var (name, value) in network.state_dict().Where(pair => pair.Key is "controller.weight" or "controller.bias"))
            {
                using var generator = new Generator(8);
                value.add_(randn(value.shape, generator: generator) * 0.3);
            }
        return new(options, ["a", "b", "c"], resize, NetworkWeights.Save(network));
    }

    /// <summary>Coarse noise: every pixel of 8 x 8 has the same color.</summary>
    private static RgbImage Noise(int width, int height, int seed)
    {
        var small = new RgbImage((width + 7) / 8, (height + 7) / 8);
        new Random(seed).NextBytes(small.Pixels);
        var image = new RgbImage(width, height);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var (x, y) = (i / 3 % width, i / 3 / width);
            image.Pixels[i] = small.Pixels[3 * (y / 8 * small.Width + x / 8) + i % 3];
        }
        return image;
    }
}
