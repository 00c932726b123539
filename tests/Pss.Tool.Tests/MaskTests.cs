using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;

namespace Pss.Tool.Tests;

/// <summary>A detector with masks from training to results.</summary>
public sealed class MaskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Masks_are_trained_evaluated_reported_detected_and_drawn()
    {
        new SceneGenerator(new() { Width = 96, Height = 96, MinObjects = 1, MaxObjects = 2, MinSize = 30, MaxSize = 60, Masks = true }).Save(_folder["data"], 0, 8);
        var train = Run(["train", _folder["data"], "-o", _folder["out"], "--detector", "condinst_pss", "--epochs", "1", "--hold-out", "0.25", "--quiet", .. TrainedFixture.Small]);
        Assert.True(train.ExitCode == 0, train.Errors);
        var detector = _folder["out", "detector.safetensors"];
        Assert.Contains("class=\"mask s", File.ReadAllText(_folder["out", "report.html"]), StringComparison.Ordinal);

        var evaluation = Run("evaluate", detector, _folder["data"], "--json", "--device", "cpu", "--results", _folder["results.json"]);
        Assert.True(evaluation.ExitCode == 0, evaluation.Errors);
        Assert.InRange(JsonDocument.Parse(evaluation.Output).RootElement.GetProperty("endToEndMasks").GetProperty("ap").GetDouble(), 0, 1);
        var again = DetectionDataset.Load(_folder["data"]).EvaluateResults(_folder["results.json"], new() { Masks = true });
        Assert.Equal(JsonDocument.Parse(evaluation.Output).RootElement.GetProperty("endToEndMasks").GetProperty("ap").GetDouble(), again.Summary.AP, 9);

        var detection = Run("detect", detector, "--threshold", "0", "--format", "coco", "--device", "cpu", "--save-images", _folder["drawn"], _folder["data", "images"]);
        Assert.True(detection.ExitCode == 0, detection.Errors);
        var first = JsonDocument.Parse(detection.Output).RootElement[0].GetProperty("segmentation");
        Assert.Equal([96, 96], first.GetProperty("size").EnumerateArray().Select(number => number.GetInt32()));
        Segmentation.FromCompressed(96, 96, first.GetProperty("counts").GetString()!).ToBitmap(96, 96);
        Assert.Equal(8, Directory.GetFiles(_folder["drawn"]).Length);
    }

    [Fact]
    public void A_dataset_without_masks_is_refused_by_name()
    {
        TrainedFixture.Squares(_folder["data"], 4, "a");
        var run = Run(["train", _folder["data"], "-o", _folder["out"], "--detector", "condinst", "--epochs", "1", "--quiet", .. TrainedFixture.Small]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("has no masks", run.Errors);
    }

    [Theory]
    [InlineData("voc", "left out: 2 masks, which VOC cannot express")]
    [InlineData("yolo", "left out: 1 mask, which YOLO can express as one polygon only")]
    public void Masks_that_a_format_cannot_express_are_counted(string format, string message)
    {
        Segmentation[] masks = [Segmentation.FromPolygons([[2, 2, 30, 2, 30, 30]]), Segmentation.FromPolygons([[2, 2, 8, 2, 8, 8], [20, 20, 30, 20, 30, 30]])];
        CocoWriter.WriteAnnotations(_folder["masks.json"], new()
        {
            Categories = [new(1, "a")],
            Images = [new() { Id = 1, FileName = "0.png", Width = 64, Height = 64, Objects = [.. masks.Select((mask, i) => new ObjectAnnotation { Id = i + 1, Label = 0, Box = new(2, 2, 28, 28), Mask = mask })] }],
        });
        new RgbImage(64, 64).SavePng(_folder["0.png"]);
        var run = Run("convert", _folder["masks.json"], "--to", format, "-o", _folder["out"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains(message, run.Errors);
        Assert.StartsWith("1 image and 2 objects written", run.Output, StringComparison.Ordinal);
    }

    private static ConsoleRun Run(params string[] arguments) => ConsoleRun.Of("pss-tool", arguments);
}
