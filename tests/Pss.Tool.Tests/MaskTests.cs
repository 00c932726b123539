using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
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

    private static ConsoleRun Run(params string[] arguments) => ConsoleRun.Of("pss-tool", arguments);
}
