using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Tool.Tests;

/// <summary>Sixteen pictures with bright and dark squares, and a detector that was trained on them for one epoch.</summary>
public sealed class TrainedFixture : IDisposable
{
    public static readonly string[] Small = ["--backbone", "r18", "--channels", "32", "--size", "96x96", "--batch", "4", "--device", "cpu"];
    private readonly TemporaryFolder _folder = new();

    public TrainedFixture()
    {
        Data = _folder["data"];
        Squares(Data, 16, "bright", "dark");
        var run = ConsoleRun.Of("pss-tool", ["train", Data, "-o", _folder["out"], "--epochs", "1", "--hold-out", "0.25", "--quiet", .. Small]);
        Xunit.Assert.True(run.ExitCode == 0, run.Errors);
        Output = run.Output;
    }

    /// <summary>The folder of the pictures, with annotations.json.</summary>
    public string Data { get; }

    /// <summary>The folder of the training.</summary>
    public string Training => _folder["out"];

    public string Detector => Path.Combine(Training, "detector.safetensors");

    /// <summary>What the training printed.</summary>
    public string Output { get; }

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes pictures of 96 x 96 pixels with a square each, and COCO annotations.</summary>
    public static void Squares(string folder, int count, params string[] classes)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var images = Enumerable.Range(0, count).Select(i =>
        {
            var (image, label, at, side) = (new RgbImage(96, 96), i % classes.Length, 5 + 3 * i % 40, 30);
            Array.Fill(image.Pixels, (byte)120);
            for (var y = at; y < at + side; y++)
                image.Pixels.AsSpan(3 * (96 * y + at), 3 * side).Fill((byte)(label == 0 ? 250 : 10));
            image.SavePng(Path.Combine(folder, "images", $"{i:d3}.png"));
            return new ImageRecord { Id = i + 1, FileName = $"{i:d3}.png", Width = 96, Height = 96, Objects = [new() { Id = i + 1, Label = label, Box = new(at, at, side, side) }] };
        });
        CocoWriter.WriteAnnotations(Path.Combine(folder, "annotations.json"), new() { Categories = [.. classes.Select((name, i) => new Category(i + 1, name))], Images = [.. images] });
    }
}
