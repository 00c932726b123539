using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Tests;

namespace Pss.MLNet.Tests;

/// <summary>Model.Save and a plain Model.Load, on ONNX Runtime, against the transformer that was saved.</summary>
public sealed class SavedModelTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private const float Boxes = 0.05f;
    private const float Scores = 1e-4f;
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_saved_alone_detects_the_same_also_without_an_image_and_in_images_of_any_size()
    {
        var rows = Tiny.Rows(8).ToArray();
        rows[1].Image = Scene(33, 71);
        rows[2].Image = Scene(640, 360);
        rows[5].Image = null;
        var view = _context.Data.LoadFromEnumerable(rows);
        using var model = Transformer(Tiny.Options);
        var expected = Found.Of(_context, model.Transform(view));
        using var loaded = Reloaded(model, view.Schema);
        Found.AssertClose(expected, Found.Of(_context, loaded.Model.Transform(view)), Boxes, Scores);
        Assert.Empty(expected[5].Score);
        Assert.Equal(10, expected[1].Score.Length);
    }

    [Fact]
    public void It_is_saved_again_and_stands_in_the_middle_of_a_chain_beside_another_detector()
    {
        var view = Tiny.View(_context, 4);
        var other = Tiny.Options with
        {
            Inference = Tiny.Options.Inference with { Resize = Resize.Letterbox(96, 64) },
            PredictedLabelColumnName = "L2",
            PredictedBoundingBoxColumnName = "B2",
            ScoreColumnName = "S2",
        };
        var chain = _context.Transforms.CopyColumns("Photo", "Image")
            .Append(_context.Transforms.LoadPssDetector(trained.File, Tiny.Options))
            .Append(_context.Transforms.LoadPssDetector(trained.File, other with { ImageColumnName = "Photo" }))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"));
        using var model = chain.Fit(view);
        var expected = model.Transform(view);
        using var once = Reloaded(model, view.Schema);
        using var twice = Reloaded(once.Model, view.Schema);
        foreach (var loaded in new[] { once, twice })
        {
            var found = loaded.Model.Transform(view);
            Found.AssertClose(Found.Of(_context, expected), Found.Of(_context, found), Boxes, Scores);
            Assert.Equal(expected.GetColumn<string[]>("Class"), found.GetColumn<string[]>("Class"));
            AssertClose(expected.GetColumn<float[]>("S2"), found.GetColumn<float[]>("S2"), Scores);
            Assert.DoesNotContain(found.Schema, column => !column.IsHidden && column.Name.StartsWith("__", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_program_that_knows_nothing_of_it_and_has_no_libtorch_loads_it()
    {
        var paths = Tiny.Rows(3).Select(row => _folder[$"{row.ImagePath}.png"]).ToArray();
        foreach (var (row, path) in Tiny.Rows(3).Zip(paths))
            Tiny.Picture(row).SavePng(path);
        var view = _context.Data.LoadFromEnumerable(paths.Select(path => new SquareRow { ImagePath = path }).ToArray());
        var files = _context.Transforms.LoadImages("Image", "", "ImagePath").Append(_context.Transforms.LoadPssDetector(trained.File, Tiny.Options));
        using var model = files.Fit(view);
        _context.Model.Save(model, view.Schema, _folder["model.zip"]);
        const string loader = "Pss.MLNet.Tests.Loader";
        var output = FreshProcess.OutputOf(loader);
        Assert.Empty(Directory.EnumerateFiles(output, "*torch_cpu*", SearchOption.AllDirectories));
        var lines = FreshProcess.RunIn(output, loader, [_folder["model.zip"], .. paths]);
        var expected = Found.Of(_context, model.Transform(view));
        Found.AssertClose(expected.Concat(expected), lines[..^1].Select(Parse), Boxes, Scores);
        Assert.Equal("torch:", lines[^1].TrimEnd());
    }

    [Fact]
    public void A_prediction_engine_reads_a_loaded_model_on_many_threads()
    {
        var view = Tiny.View(_context, 8);
        using var model = Transformer(Tiny.Options);
        var expected = Found.Of(_context, model.Transform(view));
        using var loaded = Reloaded(model, view.Schema);
        Parallel.For(0, 4, _ =>
        {
            using var engine = new MLContext().Model.CreatePredictionEngine<SquareRow, Found>(loaded.Model, new PredictionEngineOptions { OwnsTransformer = false });
            Found.AssertClose(expected, Tiny.Rows(8).Select(engine.Predict), Boxes, Scores);
        });
    }

    [Fact]
    public void Images_of_known_size_are_saved_too()
    {
        var paths = Tiny.Rows(3).Select(row => _folder[$"{row.ImagePath}.png"]).ToArray();
        foreach (var (row, path) in Tiny.Rows(3).Zip(paths))
            Tiny.Picture(row).SavePng(path);
        var view = _context.Data.LoadFromEnumerable(paths.Select((path, i) => new SquareRow { Number = i, ImagePath = path }).ToArray());
        var sized = _context.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(_context.Transforms.ResizeImages("Image", 80, 48, "Image", ImageResizingEstimator.ResizingKind.Fill))
            .Append(_context.Transforms.LoadPssDetector(trained.File, Tiny.Options));
        using var model = sized.Fit(view);
        using var loaded = Reloaded(model, view.Schema);
        Found.AssertClose(Found.Of(_context, model.Transform(view)), Found.Of(_context, loaded.Model.Transform(view)), Boxes, Scores);
    }

    [Fact]
    public void The_output_of_the_base_detector_with_nms_and_a_threshold_is_saved()
    {
        var view = Tiny.View(_context, 6);
        using var model = Transformer(Tiny.Options with
        {
            Inference = Tiny.Options.Inference with { PostProcessing = new() { Mode = DetectionMode.OneToMany, CandidateThreshold = 0.001f, MaxDetections = 5 } },
            ScoreThreshold = 0.01f,
        });
        using var loaded = Reloaded(model, view.Schema);
        Found.AssertClose(Found.Of(_context, model.Transform(view)), Found.Of(_context, loaded.Model.Transform(view)), Boxes, Scores);
    }

    [Fact]
    public void The_detectors_own_file_gives_the_same_detections_and_saving_leaves_nothing_behind()
    {
        var view = Tiny.View(_context, 4);
        using var model = Transformer(Tiny.Options);
        model.SaveDetector(_folder["again.safetensors"]);
        using var again = _context.Transforms.LoadPssDetector(_folder["again.safetensors"], Tiny.Options).Fit(view);
        Found.AssertSame(Found.Of(_context, model.Transform(view)), Found.Of(_context, again.Transform(view)));
        var before = LiveTensors.OfThread;
        Reloaded(model, view.Schema).Dispose();
        Assert.Equal(before, LiveTensors.OfThread);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), $"pss-{Environment.ProcessId}-*.onnx"));
    }

    [Fact]
    public void A_model_file_cut_short_and_classes_of_one_name_are_refused()
    {
        using var model = Transformer(Tiny.Options);
        _context.Model.Save(model, null, _folder["model.zip"]);
        File.WriteAllBytes(_folder["cut.zip"], File.ReadAllBytes(_folder["model.zip"])[..^1000]);
        Assert.ThrowsAny<Exception>(() => _context.Model.Load(_folder["cut.zip"], out _));
        var twice = trained.Model with { Classes = ["same", "same"] };
        using var unnamed = _context.Transforms.LoadPssDetector(twice, Tiny.Options).Fit(Tiny.View(_context, 1));
        Assert.Contains("same, same", Assert.Throws<InvalidOperationException>(() => _context.Model.Save(unnamed, null, _folder["no.zip"])).Message);
    }

    [Theory]
    [InlineData(DetectionMode.EndToEnd)]
    [InlineData(DetectionMode.OneToMany)]
    public void A_size_that_differs_from_image_to_image_is_saved_and_the_best_few_candidates_are_kept(DetectionMode mode)
    {
        var rows = Tiny.Rows(6).ToArray();
        (rows[1].Image, rows[2].Image, rows[3].Image, rows[4].Image) = (Scene(33, 71), Scene(640, 360), null, Scene(20, 300));
        var view = _context.Data.LoadFromEnumerable(rows);
        var inference = new InferenceOptions
        {
            Device = "cpu",
            ChannelsLast = false,
            Resize = Resize.ShortestEdge(64, 200),
            PostProcessing = new() { Mode = mode, CandidateThreshold = 0.001f, CandidatesPerLevel = 20 },
        };
        // One by one: in a batch of several sizes an image is padded to the largest, which the network notices.
        using var model = Transformer(Tiny.Options with { ScoringBatchSize = 1, ScoreThreshold = 0.002f, Inference = inference });
        using var loaded = Reloaded(model, view.Schema);
        var expected = Found.Of(_context, model.Transform(view));
        Assert.All(expected.Where((_, i) => i != 3), row => Assert.NotEmpty(row.Score));
        Found.AssertClose(expected, Found.Of(_context, loaded.Model.Transform(view)), Boxes, Scores);
    }

    [Fact]
    public void In_int8_it_is_a_third_as_large_and_detects_alike_at_any_size()
    {
        var view = Tiny.View(_context, 12);
        foreach (var resize in (Resize[])[Resize.Letterbox(64, 64), Resize.ShortestEdge(64, 200)])
        {
            var options = Tiny.Options with { Inference = Tiny.Options.Inference with { Resize = resize } };
            using var exact = Transformer(options);
            using var model = Transformer(options with { SavedCalibration = view });
            var expected = Found.Of(_context, exact.Transform(view)).ToArray();
            Found.AssertSame(expected, Found.Of(_context, model.Transform(view)));
            Reloaded(exact, view.Schema).Dispose();
            var size = new FileInfo(_folder["reloaded.zip"]).Length;
            using var loaded = Reloaded(model, view.Schema);
            Assert.InRange(new FileInfo(_folder["reloaded.zip"]).Length, 1, size / 2);
            var found = Found.Of(_context, loaded.Model.Transform(view)).ToArray();
            Assert.NotEqual(expected[0].Score, found[0].Score);
            foreach (var (a, b) in expected.Zip(found))
                Assert.Equal(a.Score[0], b.Score[0], 0.05 * a.Score[0]);
        }
    }

    [Fact]
    public void Calibration_rows_without_images_or_without_the_column_are_named()
    {
        var rows = Tiny.Rows(2).ToArray();
        (rows[0].Image, rows[1].Image) = (null, null);
        using var model = Transformer(Tiny.Options with { SavedCalibration = _context.Data.LoadFromEnumerable(rows) });
        Assert.Contains("SavedCalibration has no row", Assert.Throws<InvalidDataException>(() => _context.Model.Save(model, null, _folder["no.zip"])).Message);
        var other = _context.Data.LoadFromEnumerable(new[] { new { Photo = "a.jpg" } });
        Assert.Contains("'Image'", Assert.Throws<ArgumentOutOfRangeException>(() => Transformer(Tiny.Options with { SavedCalibration = other })).Message);
    }

    private static MLImage Scene(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(width).NextBytes(image.Pixels);
        return Tiny.ToMLImage(image);
    }

    private static Found Parse(string line)
    {
        var parts = line.Split(';');
        return new() { PredictedLabel = Numbers<uint>(parts[0]), PredictedBoundingBoxes = Numbers<float>(parts[1]), Score = Numbers<float>(parts[2]) };

        static T[] Numbers<T>(string text)
            where T : IParsable<T>
            => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => T.Parse(number, CultureInfo.InvariantCulture))];
    }

    private static void AssertClose(IEnumerable<float[]> expected, IEnumerable<float[]> found, float tolerance)
        => Assert.All(expected.Zip(found), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance)));

    private PssDetectionTransformer Transformer(PssDetectionOptions options) => _context.Transforms.LoadPssDetector(trained.File, options).Fit(Tiny.View(_context, 1));

    private LoadedModel Reloaded(ITransformer model, DataViewSchema schema)
    {
        _context.Model.Save(model, schema, _folder["reloaded.zip"]);
        return new(new MLContext().Model.Load(_folder["reloaded.zip"], out _));
    }

    private sealed record LoadedModel(ITransformer Model) : IDisposable
    {
        public void Dispose() => (Model as IDisposable)?.Dispose();
    }
}
