using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests;
using Pss.Engine.Weights;
using Pss.MLNet.Saving;

namespace Pss.MLNet.Tests;

/// <summary>Model.Save in bfloat16 and a plain Model.Load, on TorchSharp, against the transformer in bfloat16: the same detections to the bit, image by image.</summary>
[Collection(nameof(ResidentMemory))]
public sealed class SavedBFloat16Tests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    // One row per pass, as in a saved model: the rounding of a larger batch may differ.
    private static PssDetectionOptions Options { get; } = Tiny.Options with
    {
        ScoringBatchSize = 1,
        SavedPrecision = Precision.BFloat16,
        Inference = Tiny.Options.Inference with { Precision = Precision.BFloat16 },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DetectionMode.EndToEnd, true)]
    [InlineData(DetectionMode.OneToMany, true)]
    [InlineData(DetectionMode.OneToMany, false)]
    public void Images_of_any_size_and_none_give_the_same_by_either_size_rule(DetectionMode mode, bool fold)
    {
        var rows = Tiny.Rows(6).ToArray();
        (rows[1].Image, rows[2].Image, rows[3].Image) = (Scene(33, 71), Scene(640, 360), null);
        var view = _context.Data.LoadFromEnumerable(rows);
        foreach (var resize in (Resize[])[Resize.Letterbox(96, 64), Resize.ShortestEdge(64, 200)])
        {
            var inference = Options.Inference with
            {
                Resize = resize,
                FoldBatchNorm = fold,
                PostProcessing = new() { Mode = mode, CandidateThreshold = 0.001f, CandidatesPerLevel = 20, NmsThreshold = 0.3f, MaxDetections = 5 },
            };
            var options = Options with { ScoreThreshold = 0.002f, Inference = inference };
            using var model = Transformer(options);
            var expected = Found.Of(_context, model.Transform(view));
            Found.AssertSame(expected, Found.Of(_context, Reloaded(model, view.Schema).Transform(view)));
            Assert.Empty(expected[3].Score);
            Assert.All(expected.Where((_, i) => i != 3), row => Assert.InRange(row.Score.Length, 1, 5));
            // Nor are they those of float32.
            using var exact = Transformer(options with { Inference = inference with { Precision = Precision.Float32 } });
            Assert.NotEqual(expected[0].Score, Found.Of(_context, exact.Transform(view))[0].Score);
        }
    }

    [Fact]
    public void Files_and_images_of_known_size_give_the_same()
    {
        var rows = Tiny.Rows(3).ToArray();
        foreach (var row in rows)
        {
            Tiny.Picture(row).SavePng(_folder[$"{row.ImagePath}.png"]);
            row.ImagePath = _folder[$"{row.ImagePath}.png"];
        }
        var files = _context.Data.LoadFromEnumerable(rows.Append(new() { Number = 3 }).ToArray());
        var byPath = Options with { ImageColumnName = "ImagePath" };
        using var model = _context.Transforms.LoadPssDetector(trained.File, byPath).Fit(files);
        Found.AssertSame(Found.Of(_context, model.Transform(files)), Found.Of(_context, Reloaded(model, files.Schema).Transform(files)));

        var view = _context.Data.LoadFromEnumerable(rows);
        using var sized = _context.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(_context.Transforms.ResizeImages("Image", 80, 48, "Image", ImageResizingEstimator.ResizingKind.Fill))
            .Append(_context.Transforms.LoadPssDetector(trained.File, Options)).Fit(view);
        Found.AssertSame(Found.Of(_context, sized.Transform(view)), Found.Of(_context, Reloaded(sized, view.Schema).Transform(view)));
    }

    [Fact]
    public void Masks_are_the_same()
    {
        var detector = DetectorOptions.CondInstPss(2);
        var small = Tiny.Options.Detector!(detector);
        var options = detector with { Backbone = small.Backbone, Pyramid = small.Pyramid, Head = small.Head, Selector = small.Selector, MaskChannels = 8, MaskConvolutions = 1 };
        using var network = options.Build(seed: 5);
        DetectorModel untrained = new(options, Tiny.Classes, Resize.Letterbox(64, 64), NetworkWeights.Save(network));
        var view = Tiny.View(_context, 3);
        using var model = _context.Transforms.LoadPssDetector(untrained, Options with { PredictedMaskColumnName = "Masks" }).Fit(view);
        var (expected, found) = (model.Transform(view), Reloaded(model, view.Schema).Transform(view));
        Found.AssertSame(Found.Of(_context, expected), Found.Of(_context, found));
        Assert.All(expected.GetColumn<string[]>("Masks"), masks => Assert.Equal(10, masks.Length));
        Assert.Equal(expected.GetColumn<string[]>("Masks"), found.GetColumn<string[]>("Masks"));
    }

    [Fact]
    public void It_is_saved_again_and_stands_in_a_chain_beside_a_detector_in_float32_and_is_half_as_large()
    {
        var view = Tiny.View(_context, 3);
        var other = Tiny.Options with { ImageColumnName = "Photo", PredictedLabelColumnName = "L2", PredictedBoundingBoxColumnName = "B2", ScoreColumnName = "S2" };
        using var model = _context.Transforms.CopyColumns("Photo", "Image")
            .Append(_context.Transforms.LoadPssDetector(trained.File, Options))
            .Append(_context.Transforms.LoadPssDetector(trained.File, other))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel")).Fit(view);
        var expected = model.Transform(view);
        var twice = Reloaded(Reloaded(model, view.Schema), view.Schema);
        using var disposal = (IDisposable)twice;
        var found = twice.Transform(view);
        Found.AssertSame(Found.Of(_context, expected), Found.Of(_context, found));
        Assert.Equal(expected.GetColumn<string[]>("Class"), found.GetColumn<string[]>("Class"));
        Assert.DoesNotContain(found.Schema, column => !column.IsHidden && column.Name.StartsWith("__", StringComparison.Ordinal));

        using var exact = Transformer(Options with { SavedPrecision = Precision.Float32 });
        using var half = Transformer(Options);
        _context.Model.Save(exact, view.Schema, _folder["exact.zip"]);
        _context.Model.Save(half, view.Schema, _folder["half.zip"]);
        Assert.InRange(new FileInfo(_folder["half.zip"]).Length, 1, 0.6 * new FileInfo(_folder["exact.zip"]).Length);
    }

    [Fact]
    public void Engines_on_many_threads_and_views_share_one_detector()
    {
        var view = Tiny.View(_context, 8);
        using var model = Transformer(Options);
        var expected = Found.Of(_context, model.Transform(view));
        var loaded = Reloaded(model, view.Schema);
        Parallel.For(0, 4, _ =>
        {
            using var engine = Engine(loaded);
            Found.AssertSame(expected, Tiny.Rows(8).Select(engine.Predict));
            Found.AssertSame(expected, Found.Of(_context, loaded.Transform(view)));
        });
        // A detector of its own would leave its weights with this thread.
        var before = LiveTensors.OfThread;
        using var one = Engine(loaded);
        one.Predict(Tiny.Rows(1).Single());
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Fact]
    public void Memory_is_flat_over_rows_and_the_detectors_text_is_not_copied_for_them()
    {
        var loaded = Saved(trained.Model, out var characters);
        using var engine = Engine(loaded);
        var row = Tiny.Rows(1).Single();
        engine.Predict(row);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var growth = ResidentMemory.Growth(20, 300, 30, () => engine.Predict(row));
        var perRow = (GC.GetTotalAllocatedBytes(precise: true) - before) / 320;
        Assert.InRange(growth, double.NegativeInfinity, 30);
        Assert.InRange(perRow, 0, characters / 2);
        Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), $"pss-{Environment.ProcessId}-*"));
    }

    [Fact]
    public void A_model_that_is_collected_frees_its_network()
    {
        // A network of 10 MB in bfloat16. ML.NET may keep the last model for a while; six that stayed measured 64 MB.
        var options = DetectorOptions.FcosPss(2) with { Backbone = ResNetOptions.ResNet18 with { Width = 40 }, Pyramid = new() { Channels = 64 } };
        using var network = options.Build(seed: 5);
        var model = new DetectorModel(options, Tiny.Classes, Resize.Letterbox(64, 64), NetworkWeights.Save(network));
        Saved(model, out _);
        var row = Tiny.Rows(1).Single();
        Assert.InRange(ResidentMemory.Growth(2, 6, 30, LoadAndScore), double.NegativeInfinity, 30);
        Assert.False(Weak().TryGetTarget(out _));

        [MethodImpl(MethodImplOptions.NoInlining)]
        void LoadAndScore()
        {
            using var engine = Engine(new MLContext().Model.Load(_folder["reloaded.zip"], out _));
            Assert.NotEmpty(engine.Predict(row).Score);
        }

        WeakReference<Detector> Weak()
        {
            var detector = OfText(DetectorText.Write(trained.Model, Options.Scoring));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return detector;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<Detector> OfText(string text)
        {
            var detector = DetectorText.Detector(text.AsMemory());
            Assert.Same(detector, DetectorText.Detector(text.AsMemory()));
            return new(detector);
        }
    }

    [Fact]
    public void A_damaged_text_and_a_model_file_cut_short_are_told()
    {
        var text = DetectorText.Write(trained.Model, Options.Scoring);
        foreach (var damaged in (string[])[text[..^1000], text.Replace('A', '?'), text[1..], text[..20], ""])
        {
            var error = Assert.Throws<InvalidDataException>(() => DetectorText.Detector(damaged.AsMemory()));
            Assert.StartsWith("The detector in the saved model is damaged (", error.Message);
            Assert.Contains("save the model anew", error.Message);
        }
        Saved(trained.Model, out _);
        File.WriteAllBytes(_folder["cut.zip"], File.ReadAllBytes(_folder["reloaded.zip"])[..^1000]);
        Assert.ThrowsAny<Exception>(() => _context.Model.Load(_folder["cut.zip"], out _));
    }

    [Fact]
    public void The_text_holds_how_the_detector_runs_but_not_where()
    {
        var text = DetectorText.Write(trained.Model, Options.Scoring with { Device = "cuda:3" });
        var options = JsonDocument.Parse(text.AsMemory(0, text.IndexOf('\n'))).RootElement;
        Assert.Equal("BFloat16", options.GetProperty("Precision").GetString());
        Assert.Equal(10, options.GetProperty("PostProcessing").GetProperty("MaxDetections").GetInt32());
        Assert.False(options.TryGetProperty("Device", out _));
        Assert.NotNull(DetectorText.Detector(text.AsMemory()));
    }

    private static MLImage Scene(int width, int height)
    {
        var image = new RgbImage(width, height);
        new Random(width).NextBytes(image.Pixels);
        return Tiny.ToMLImage(image);
    }

    private static PredictionEngine<SquareRow, Found> Engine(ITransformer model)
        => new MLContext().Model.CreatePredictionEngine<SquareRow, Found>(model, new PredictionEngineOptions { OwnsTransformer = false });

    private PssDetectionTransformer Transformer(PssDetectionOptions options) => _context.Transforms.LoadPssDetector(trained.File, options).Fit(Tiny.View(_context, 1));

    /// <summary>A loaded model, and the number of characters of its detector's text.</summary>
    private ITransformer Saved(DetectorModel detector, out int characters)
    {
        var view = Tiny.View(_context, 1);
        using var model = _context.Transforms.LoadPssDetector(detector, Options).Fit(view);
        characters = DetectorText.Write(detector, Options.Scoring).Length;
        return Reloaded(model, view.Schema);
    }

    private ITransformer Reloaded(ITransformer model, DataViewSchema schema)
    {
        _context.Model.Save(model, schema, _folder["reloaded.zip"]);
        return new MLContext().Model.Load(_folder["reloaded.zip"], out _);
    }
}
