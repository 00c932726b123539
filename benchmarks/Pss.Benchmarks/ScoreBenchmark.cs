using System.Globalization;
using Pss.Engine;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>Memory over many scored images of different sizes.</summary>
internal static class ScoreBenchmark
{
    /// <summary>
    /// Live tensors and resident memory while images are scored, in batches of one to four. `score [IMAGES] [letterbox | edge]`: a letterbox
    /// gives the network one size, the shortest edge as many as there are shapes, for each of which oneDNN keeps its kernels.
    /// </summary>
    public static void Run(string[] arguments)
    {
        var images = Setup.Number(arguments, 0, 1_000);
        var edge = arguments.Length > 1 && arguments[1] == "edge";
        var resize = edge ? Resize.ShortestEdge(192, 320) : Resize.Letterbox(256, 192);
        var options = DetectorOptions.FcosPss(80) with { Backbone = ResNetOptions.ResNet18 };
        using var detector = new Detector(Setup.Untrained(options, resize));
        var random = new SeededRandom(1);
        Console.WriteLine($"{detector.Description}, ResNet-18, {resize}, images from 100 to 700 pixels wide and high");
        Console.WriteLine("images  live tensors  resident MB");
        for (int scored = 0, next = images / 10; scored < images;)
        {
            RgbImage[] batch = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Noise(random))];
            detector.Detect(batch);
            scored += batch.Length;
            if (scored < next)
                continue;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scored,6}  {Tensor.TotalCount,12}  {MemoryBenchmarks.ResidentMemory() / 1e6,11:F0}"));
            next += images / 10;
        }
    }

    private static RgbImage Noise(SeededRandom random)
    {
        var image = new RgbImage(random.Next(100, 700), random.Next(100, 700));
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.Next(256);
        return image;
    }
}
