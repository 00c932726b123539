using System.Globalization;
using Microsoft.ML;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Data.Images;
using Pss.MLNet.Tests.Onnx;
using SkiaSharp;

namespace Pss.MLNet.Tests;

/// <summary>Every sample, run as its user runs it, on little data.</summary>
public sealed class SampleTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quickstart_trains_saves_loads_and_detects()
    {
        var lines = FreshProcess.Run("Quickstart", _folder["out"], "--small");
        Assert.Contains(lines, line => line.StartsWith("8 of 8 images", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("AP50", StringComparison.Ordinal));
        Assert.Equal(15, lines.Count(line => line.StartsWith("  object ", StringComparison.Ordinal) && line.Contains(" at ")));
        Assert.True(File.Exists(_folder["out", "model.zip"]));
    }

    [Fact]
    public void TrainOnCoco_evaluates_and_writes_both_files()
    {
        var scenes = new SceneGenerator(new() { Width = 96, Height = 64, MinSize = 10, MaxSize = 40, MaxObjects = 5 });
        SceneFiles.Write(_folder["train"], scenes, 0, 8);
        SceneFiles.Write(_folder["val"], scenes, 100, 4);
        var lines = FreshProcess.Run("TrainOnCoco", _folder["train", "annotations.json"], _folder["val", "annotations.json"], _folder["out"], "--small");
        Assert.Contains(lines, line => line.StartsWith("AP ", StringComparison.Ordinal) && line.Contains("AR100"));
        Assert.Equal(6, lines.Count(line => line.Contains(" AP50 ") && SceneGenerator.Categories.Any(category => line.StartsWith(category.Name, StringComparison.Ordinal))));
        Assert.Equal(6, DetectorModel.Load(_folder["out", "detector.safetensors"]).Classes.Count);
        Assert.True(new FileInfo(_folder["out", "detector.onnx"]).Length > 100_000);
    }

    [Fact]
    public void ScoreFolder_writes_a_line_an_object()
    {
        SavePictures(3);
        var lines = FreshProcess.Run("ScoreFolder", trained.File, _folder["pictures"], _folder["found.csv"], "0");
        Assert.Contains(lines, line => line.StartsWith("3 images, ", StringComparison.Ordinal));
        var csv = File.ReadAllLines(_folder["found.csv"]);
        Assert.Equal("image,class,score,x0,y0,x1,y1", csv[0]);
        var context = new MLContext();
        using var model = context.Transforms.LoadPssDetector(trained.File, Tiny.Options with { Inference = new() { Device = "cpu" } }).Fit(Tiny.View(context, 1));
        var expected = Found.Of(context, model.Transform(Tiny.View(context, 3)));
        Assert.Equal(expected.Sum(row => row.Score.Length), csv.Length - 1);
        Assert.StartsWith($"0.png,{Tiny.Classes[expected[0].PredictedLabel[0] - 1]},", csv[1]);
        Assert.Equal(expected[0].Score[0], float.Parse(csv[1].Split(',')[2], System.Globalization.CultureInfo.InvariantCulture), 1e-3f);
    }

    /// <summary>The program of docs/onnx.md, on a PNG and on JPEGs that a camera held upside down or sideways; nothing warns.</summary>
    [Fact]
    public void OnnxScoring_detects_the_same_without_this_library()
    {
        var wide = new ResizeGeometry(Tiny.Size, Tiny.Size, 150, 90, 150, 90).Apply(Tiny.Picture(Tiny.Rows(1).Single()));
        var jpeg = ImageFiles.Encode(wide, SKEncodedImageFormat.Jpeg);
        string[] files =
        [
            _folder.Write("wide.png", ImageFiles.Encode(wide, SKEncodedImageFormat.Png)),
            _folder.Write("upside down.jpg", ImageFiles.Turned(jpeg, 3)),
            _folder.Write("sideways.jpg", ImageFiles.Turned(jpeg, 6)),
        ];
        var context = new MLContext();
        using var model = context.Transforms.LoadPssDetector(trained.File, Tiny.Options with { Inference = new() { Device = "cpu" } }).Fit(Tiny.View(context, 1));
        model.ExportToOnnx(_folder["detector.onnx"]);

        var (lines, errors) = FreshProcess.RunWithErrors("OnnxScoring", [_folder["detector.onnx"], .. files]);

        Assert.Empty(errors);
        using var detector = new Detector(trained.Model, new() { Device = "cpu" });
        foreach (var file in files)
        {
            var found = lines.Where(line => line.StartsWith($"{Path.GetFileName(file)}: ", StringComparison.Ordinal)).Select(Parse).ToArray();
            Assert.Equal(100, found.Length);
            SameDetections.Check(detector.Detect(RgbImage.Load(file)), found, 1e-3, 150);
        }

        static Detection Parse(string line)
        {
            var parts = line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split([' ', '[', ']', ','], StringSplitOptions.RemoveEmptyEntries);
            var n = parts[1..].Select(part => float.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            return new(n[1], n[2], n[3], n[4], n[0], Array.IndexOf(Tiny.Classes, parts[0]));
        }
    }

    [Fact]
    public void OnnxScoring_is_the_program_of_the_documentation()
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documented", "onnx.md")).ReplaceLineEndings("\n");
        var program = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documented", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{program[program.IndexOf("using ", StringComparison.Ordinal)..]}```\n", document, StringComparison.Ordinal);
    }

    [Fact]
    public void EndToEndVersusNms_compares_in_numbers_and_pictures()
    {
        var lines = FreshProcess.Run("EndToEndVersusNms", _folder["out"], "--small");
        Assert.Contains(lines, line => line.StartsWith("EndToEnd ", StringComparison.Ordinal) && line.Contains("AP50"));
        Assert.Contains(lines, line => line.StartsWith("OneToMany ", StringComparison.Ordinal) && line.Contains("AP50"));
        Assert.Contains("<svg", File.ReadAllText(_folder["out", "report.html"]));
    }

    private void SavePictures(int count)
    {
        Directory.CreateDirectory(_folder["pictures"]);
        foreach (var row in Tiny.Rows(count))
            Tiny.Picture(row).SavePng(_folder["pictures", $"{row.Number}.png"]);
    }
}
