using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Tests;
using Pss.Engine.Weights;

namespace Pss.MLNet.Tests;

/// <summary>What a user can get wrong, told by column, row and path; and nothing leaks of it.</summary>
public sealed class BadInputTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_column_of_another_type_is_named_with_both_types()
    {
        var view = Tiny.View(_context, 2);
        var error = Assert.ThrowsAny<ArgumentException>(() => _context.Transforms.DetectObjectsPss(labelColumnName: "Names").Fit(view));
        AssertSays(error, "'Names'", "String", "Vector<Key<UInt32>>", "MapValueToKey");
        error = Assert.ThrowsAny<ArgumentException>(() => new EstimatorChain<ITransformer>().Append(_context.Transforms.DetectObjectsPss(labelColumnName: "Names")).Fit(view));
        AssertSays(error, "'Names'", "Vector<Key<UInt32>>");
        error = Assert.ThrowsAny<ArgumentException>(() => Tiny.Pipeline(_context, Tiny.Options with { ImageColumnName = "BoundingBoxes" }).Fit(view));
        AssertSays(error, "'BoundingBoxes'", "Vector<Single>", "Image or String", "LoadImages");
        error = Assert.ThrowsAny<ArgumentException>(() => Tiny.Pipeline(_context, Tiny.Options with { BoundingBoxColumnName = "Number" }).Fit(view));
        AssertSays(error, "'Number'", "Single", "Vector<Single>");
        error = Assert.ThrowsAny<ArgumentException>(() => Tiny.Pipeline(_context, Tiny.Options with { ImageColumnName = "Photo" }).Fit(view));
        AssertSays(error, "'Photo'", "ImagePath");
        using var model = _context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(view);
        error = Assert.ThrowsAny<ArgumentException>(() => model.Transform(_context.Data.LoadFromEnumerable(new[] { new { Image = 1f } })));
        AssertSays(error, "'Image'", "Single");
    }

    [Fact]
    public void Boxes_and_labels_that_do_not_fit_are_named_by_row()
    {
        AssertRow(row => row.BoundingBoxes = row.BoundingBoxes[1..], "'BoundingBoxes'", "multiple of four");
        AssertRow(row => row.BoundingBoxes = [.. row.BoundingBoxes, 1, 2, 3, 4], "'BoundingBoxes'", "boxes, but", "'Label'");
        AssertRow(row => row.BoundingBoxes[0] = float.NaN, "'BoundingBoxes'", "object 0", "NaN");
        AssertRow(row => row.BoundingBoxes[0] = 1000, "'BoundingBoxes'", "object 0", "1000");

        void AssertRow(Action<SquareRow> spoil, params string[] words)
        {
            var rows = Tiny.Rows(8).ToArray();
            spoil(rows[5]);
            var error = Assert.Throws<InvalidDataException>(() => Tiny.Pipeline(_context).Fit(_context.Data.LoadFromEnumerable(rows)));
            AssertSays(error, [.. words, "Row 5", "'square 5'"]);
        }
    }

    [Fact]
    public void A_class_that_the_keys_lack_is_named_by_row()
    {
        var keys = _context.Data.LoadFromEnumerable(new[] { new Name { Value = "bright" } });
        var chain = _context.Transforms.Conversion.MapValueToKey("Label", "Names", keyData: keys).Append(_context.Transforms.DetectObjectsPss(Tiny.Options));
        var first = Tiny.Rows(8).First(row => row.Names.Contains("dark"));
        AssertSays(Assert.Throws<InvalidDataException>(() => chain.Fit(Tiny.View(_context, 8))), "'Label'", $"Row {first.Number}", "0", "1 to 1");
    }

    [Fact]
    public void A_broken_picture_is_named_by_row_and_path_in_scoring_and_in_training()
    {
        var rows = Tiny.Rows(30).Select(row => new FileRow { ImagePath = Save(row), Names = row.Names, BoundingBoxes = row.BoundingBoxes }).ToArray();
        File.WriteAllBytes(_folder[rows[21].ImagePath], [1, 2, 3]);
        var files = _context.Data.LoadFromEnumerable(rows);
        var load = _context.Transforms.LoadImages("Image", _folder.Path, "ImagePath");
        var before = LiveTensors.OfThread;
        using (var model = load.Append(_context.Transforms.LoadPssDetector(trained.File, Tiny.Options)).Fit(files))
        {
            var seen = 0;
            var error = Assert.Throws<InvalidDataException>(() => model.Transform(files).GetColumn<float[]>("Score").Count(_ => seen++ >= 0));
            AssertSays(error, "Row 21", "'square 21.png'", "'Image'");
            Assert.Equal(20, seen); // the whole batches before it
            using var engine = _context.Model.CreatePredictionEngine<FileRow, Found>(model, new PredictionEngineOptions { OwnsTransformer = false });
            AssertSays(Assert.Throws<InvalidDataException>(() => engine.Predict(rows[21])), "'square 21.png'", "'Image'");
            Assert.Equal(10, engine.Predict(rows[20]).Score.Length);
        }
        AssertSays(Assert.Throws<InvalidDataException>(() => load.Append(Tiny.Pipeline(_context)).Fit(files)), "Row 21", "'square 21.png'", "'Image'");
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), $"pss-{Environment.ProcessId}-*.pixels"));
    }

    [Fact]
    public void A_lost_file_of_a_dataset_is_named_in_training_and_in_validation()
    {
        var scenes = new SceneGenerator(new() { Width = 96, Height = 64, MinSize = 10, MaxSize = 40, MaxObjects = 5 }, 5);
        var whole = _context.Data.LoadFromDataset(scenes.Dataset(0, 8));
        SceneFiles.Write(_folder["coco"], scenes, 0, 8);
        var files = _context.Data.LoadFromCoco(_folder["coco", "annotations.json"]);
        File.Delete(_folder["coco", "images", "scene_000006.png"]);
        var before = LiveTensors.OfThread;
        AssertSays(Assert.Throws<InvalidDataException>(() => _context.Transforms.DetectObjectsPss(Tiny.Options).Fit(files)), "sample 6", "scene_000006.png");
        AssertSays(Assert.Throws<InvalidDataException>(() => _context.Transforms.DetectObjectsPss(Tiny.Options with { Validation = files }).Fit(whole)), "image 6", "scene_000006.png");
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Fact]
    public void A_detector_file_cut_short_is_named()
    {
        var path = _folder["cut.safetensors"];
        File.WriteAllBytes(path, File.ReadAllBytes(trained.File)[..^100]);
        var before = LiveTensors.OfThread;
        AssertSays(Assert.Throws<WeightFileException>(() => _context.Transforms.LoadPssDetector(path)), path);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Fact]
    public void Options_out_of_range_are_named_before_any_row_is_read()
    {
        AssertSays(Assert.ThrowsAny<ArgumentException>(() => _context.Transforms.DetectObjectsPss(Tiny.Options with { ScoringBatchSize = 0 })), "ScoringBatchSize", "1 to 1024");
        AssertSays(Assert.ThrowsAny<ArgumentException>(() => _context.Transforms.DetectObjectsPss(scoreThreshold: 2)), "ScoreThreshold", "0 to 1");
        AssertSays(Assert.ThrowsAny<ArgumentException>(() => _context.Transforms.DetectObjectsPss(Tiny.Options with { ScoreColumnName = "PredictedLabel" })), "PredictedLabel");
    }

    [Fact]
    public void Nothing_is_left_of_scoring_of_failed_training_or_of_a_disposed_model()
    {
        var before = LiveTensors.OfThread;
        Assert.Throws<Engine.Training.DivergedException>(() => Tiny.Pipeline(_context, Tiny.Options with
        {
            Training = training => Tiny.Options.Training!(training) with { LearningRate = 1e30, GradientClip = 1e30 },
        }).Fit(Tiny.View(_context, 8)));
        Assert.Equal(before, LiveTensors.OfThread);

        var model = _context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(Tiny.View(_context, 1));
        var loaded = LiveTensors.OfThread;
        Assert.Equal(40, model.Transform(Tiny.View(_context, 40)).GetColumn<float[]>("Score").Count());
        Assert.Equal(loaded, LiveTensors.OfThread);
        var engine = _context.Model.CreatePredictionEngine<SquareRow, Found>(model);
        Assert.All(Tiny.Rows(20), row => Assert.NotEmpty(engine.Predict(row).Score));
        Assert.Equal(loaded, LiveTensors.OfThread);
        engine.Dispose();
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.Throws<ObjectDisposedException>(() => model.Transform(Tiny.View(_context, 1)).GetColumn<float[]>("Score").Count());
    }

    private static void AssertSays(Exception error, params string[] words) => Assert.All(words, word => Assert.Contains(word, error.Message));

    private string Save(SquareRow row)
    {
        var name = $"{row.ImagePath}.png";
        Tiny.Picture(row).SavePng(_folder[name]);
        return name;
    }

    private sealed class Name
    {
        public string Value { get; set; } = "";
    }

    private sealed class FileRow
    {
        public string ImagePath { get; set; } = "";

        public string[] Names { get; set; } = [];

        public float[] BoundingBoxes { get; set; } = [];
    }
}
