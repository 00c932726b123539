using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;

namespace Pss.MLNet.Tests;

/// <summary>CondInst_PSS in ML.NET: masks go in as text columns and come out as one, from the transformer and from a saved model.</summary>
public sealed class MaskColumnTests : IDisposable
{
    private static readonly SceneGenerator Scenes = new(new() { Width = 96, Height = 80, MinObjects = 1, MaxObjects = 2, MinSize = 30, MaxSize = 60, OneClass = true, Masks = true }, seed: 4);
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    private static PssDetectionOptions Options { get; } = Tiny.Options with
    {
        ImageColumnName = "ImagePath",
        Detector = detector => (CondInstOptions)Small(DetectorOptions.CondInstPss(detector.Classes)) with { MaskChannels = 8, MaskConvolutions = 1 },
        Resize = Resize.Letterbox(96, 80),
        PredictedMaskColumnName = "PredictedMasks",
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Masks_are_learnt_from_columns_predicted_evaluated_and_saved()
    {
        Scenes.Save(_folder["scenes"], 0, 8);
        var view = _context.Data.LoadFromCoco(_folder["scenes", "annotations.json"]);
        // A row of text columns alone: the dataset behind the view is not used.
        var rows = _context.Data.LoadFromEnumerable(_context.Data.CreateEnumerable<Row>(_context.Transforms.Conversion.MapKeyToValue("Names", "Label").Fit(view).Transform(view), false).ToArray());
        using var model = Tiny.Pipeline(_context, Options).Fit(rows);
        var scored = model.Transform(rows);
        var found = _context.Data.CreateEnumerable<Scored>(scored, false).ToArray();
        Assert.All(found, row => Assert.Equal(row.Score.Length, row.PredictedMasks.Length));
        Assert.All(found.SelectMany(row => row.PredictedMasks), text => Assert.Equal((80, 96), Read(text).Size));

        var masks = _context.ObjectDetection().Evaluate(scored, Options, new() { Masks = true });
        Assert.InRange(masks.Summary.AR100, 0, 1);

        _context.Model.Save(model, rows.Schema, _folder["model.zip"]);
        var loaded = _context.Model.Load(_folder["model.zip"], out _);
        using var disposal = (IDisposable)loaded;
        var saved = _context.Data.CreateEnumerable<Scored>(loaded.Transform(rows), false).ToArray();
        foreach (var (one, other) in found.Zip(saved))
        {
            Assert.Equal(one.PredictedMasks.Length, other.PredictedMasks.Length);
            foreach (var (a, b) in one.PredictedMasks.Zip(other.PredictedMasks))
                Assert.InRange(Read(a).ToBitmap(80, 96).Zip(Read(b).ToBitmap(80, 96)).Count(pair => pair.First != pair.Second), 0, 80 * 96 / 100);
        }
    }

    [Fact]
    public void A_saved_model_gives_no_masks_of_no_detections()
    {
        Scenes.Save(_folder["scenes"], 0, 4);
        var view = _context.Data.LoadFromCoco(_folder["scenes", "annotations.json"]);
        using var model = _context.Transforms.DetectObjectsPss(Options with { ScoreThreshold = 0.9999f }).Fit(view);
        _context.Model.Save(model, view.Schema, _folder["model.zip"]);
        var loaded = _context.Model.Load(_folder["model.zip"], out _);
        using var disposal = (IDisposable)loaded;
        foreach (var scored in new[] { model.Transform(view), loaded.Transform(view) })
            Assert.Equal([0, 0, 0, 0], scored.GetColumn<string[]>("PredictedMasks").Select(masks => masks.Length));
    }

    [Fact]
    public void Without_a_column_of_masks_none_are_made_and_a_box_detector_cannot_have_one()
    {
        Scenes.Save(_folder["scenes"], 0, 4);
        var view = _context.Data.LoadFromCoco(_folder["scenes", "annotations.json"]);
        using var model = _context.Transforms.DetectObjectsPss(Options with { PredictedMaskColumnName = null }).Fit(view);
        Assert.Null(model.GetOutputSchema(view.Schema).GetColumnOrNull("PredictedMasks"));

        var error = Assert.Throws<ArgumentException>(() => _context.Transforms.DetectObjectsPss(Options with { Detector = Tiny.Options.Detector }).Fit(view));
        Assert.Contains("PredictedMaskColumnName", error.Message);
        Assert.Contains("CondInstPss", error.Message);
    }

    [Theory]
    [InlineData("{\"size\":[80,96],\"counts\":\"%\"}", "counts")]
    [InlineData("{\"size\":[80],\"counts\":\"0\"}", "size")]
    [InlineData("nothing", "size")]
    public void A_damaged_mask_names_row_column_and_object(string text, string word)
    {
        Scenes.Save(_folder["scenes"], 0, 2);
        var view = _context.Data.LoadFromCoco(_folder["scenes", "annotations.json"]);
        var rows = _context.Data.CreateEnumerable<Row>(_context.Transforms.Conversion.MapKeyToValue("Names", "Label").Fit(view).Transform(view), false).ToArray();
        rows[1].Masks[0] = text;
        var error = Assert.Throws<InvalidDataException>(() => Tiny.Pipeline(_context, Options).Fit(_context.Data.LoadFromEnumerable(rows)));
        Assert.Contains("'Masks'", error.Message);
        Assert.Contains("object 0", error.Message);
        Assert.Contains(word, error.Message);
    }

    private static Segmentation Read(string text)
    {
        var json = JsonDocument.Parse(text).RootElement;
        return Segmentation.FromCompressed(json.GetProperty("size")[0].GetInt32(), json.GetProperty("size")[1].GetInt32(), json.GetProperty("counts").GetString()!);
    }

    private static DetectorOptions Small(DetectorOptions options)
    {
        var small = Tiny.Options.Detector!(options);
        return options with { Backbone = small.Backbone, Pyramid = small.Pyramid, Head = small.Head, Selector = small.Selector };
    }

    private sealed class Row
    {
        public string ImagePath { get; set; } = "";

        public string[] Names { get; set; } = [];

        public float[] BoundingBoxes { get; set; } = [];

        public string[] Masks { get; set; } = [];
    }

    private sealed class Scored
    {
        public float[] Score { get; set; } = [];

        public string[] PredictedMasks { get; set; } = [];
    }
}
