using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Tests.Training;
using Pss.Engine.Weights;
using TorchSharp;

namespace Pss.Engine.Tests.Inference;

public sealed class DetectorTests : IDisposable
{
    private static readonly DetectorModel Model = Untrained(TinyDetector.Options);
    private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("detector").FullName, "detector.safetensors");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    [Fact]
    public void A_batch_of_mixed_sizes_gives_what_its_images_give_alone()
    {
        using var detector = new Detector(Model, new() { Device = "cpu" });
        RgbImage[] images = [Picture(64, 64, 1), Picture(96, 40, 2), Picture(33, 90, 3)];
        var together = detector.Detect(images);
        for (var i = 0; i < images.Length; i++)
        {
            // Group normalization sees the padding of a larger batch, as it does in training: alike, not equal.
            var alone = detector.Detect([images[i], images[0], images[1], images[2]])[0];
            Assert.Equal(alone.Count, together[i].Count);
            Assert.All(alone.Zip(together[i]), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5f));
        }
    }

    [Fact]
    public void Boxes_lie_in_the_original_image_best_first()
    {
        using var detector = new Detector(Model, new() { Device = "cpu" });
        var found = detector.Detect(Picture(200, 100, 4));
        Assert.Equal(100, found.Count);
        Assert.All(found, d => Assert.True(d.X1 >= 0 && d.Y1 >= 0 && d.X2 <= 200 && d.Y2 <= 100 && d.X1 <= d.X2 && d.Y1 <= d.Y2, d.ToString()));
        Assert.Equal(found.OrderByDescending(d => d.Score), found);
    }

    [Fact]
    public void The_score_is_the_product_of_the_three_probabilities()
    {
        using var scope = torch.NewDisposeScope();
        var outputs = new HeadOutputs(
            torch.tensor(new float[] { -2, 0.5f, 2, -1 }, [1, 2, 2]), torch.tensor(new float[] { 1, 1, 1, 1, 0.5f, 0.25f, 0.5f, 0.25f }, [1, 2, 4]),
            torch.tensor(new float[] { 0.5f, 1 }, [1, 2]), torch.tensor(new float[] { 1, 3 }, [1, 2]), [new(1, 2, 8)]);
        using var network = TinyDetector.Options.Build();
        var found = new PostProcessor(network, new()).Process(outputs, [(16, 8)])[0];
        Assert.Equal([0, 1, 1, 0], found.Select(d => d.Label));
        // 0.61337606 and 0.05424379 are golden values of the fused logit.
        Assert.Equal(0.61337606f, found[0].Score, 1e-6f);
        Assert.Equal(0.05424379f, found[3].Score, 1e-6f);
        Assert.Equal(new Detection(8, 2, 16, 6, found[0].Score, 0), found[0]);
        Assert.Equal((0, 0, 12, 8), (found[3].X1, found[3].Y1, found[3].X2, found[3].Y2));
        Assert.Single(new PostProcessor(network, new() { ScoreThreshold = 0.5f }).Process(outputs, [(16, 8)])[0]);
    }

    [Fact]
    public void A_stored_detector_detects_the_same()
    {
        Model.Save(_file);
        using var before = new Detector(Model, new() { Device = "cpu" });
        using var after = Detector.Load(_file, new() { Device = "cpu" });
        Assert.Equal(before.Detect(Picture(64, 64, 5)), after.Detect(Picture(64, 64, 5)));
        Assert.Equal(Model.Classes, after.Classes);
    }

    [Fact]
    public void Folding_and_channels_last_change_rounding_only()
    {
        using var plain = new Detector(Model, new() { Device = "cpu", FoldBatchNorm = false, ChannelsLast = false });
        using var fast = new Detector(Model, new() { Device = "cpu" });
        var (a, b) = (plain.Detect(Picture(64, 64, 6)), fast.Detect(Picture(64, 64, 6)));
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5f));
    }

    [Fact]
    public void Bfloat16_is_close()
    {
        using var exact = new Detector(Model, new() { Device = "cpu" });
        using var half = new Detector(Model, new() { Device = "cpu", Precision = Precision.BFloat16 });
        Assert.Equal(exact.Detect(Picture(64, 64, 7))[0].Score, half.Detect(Picture(64, 64, 7))[0].Score, 0.02f);
        Assert.Contains("bfloat16", half.Description);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_in_BFloat16_are_half_as_large_and_detect_the_same_to_the_bit(bool fold)
    {
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            var model = WithStatistics(Untrained(TinyDetector.Options with { Backbone = TinyDetector.Options.Backbone with { Normalization = normalization } }));
            using var file = new MemoryStream();
            model.ToBFloat16(fold).Save(file);
            file.Position = 0;
            var options = new InferenceOptions { Device = "cpu", Precision = Precision.BFloat16, FoldBatchNorm = fold };
            using var before = new Detector(model, options);
            using var after = new Detector(DetectorModel.Load(file, "a stream"), options);
            var (expected, found) = (before.Detect(Picture(64, 64, 5)), after.Detect(Picture(64, 64, 5)));
            Assert.Equal(expected, found);
            using var exact = new MemoryStream();
            model.Save(exact);
            Assert.InRange(file.Length, 0, 0.6 * exact.Length);
        }
        Assert.Contains("a stream", Assert.Throws<WeightFileException>(() => DetectorModel.Load(new MemoryStream([1, 2, 3]), "a stream")).Message);
    }

    [Fact]
    public void An_image_that_is_scaled_already_gives_what_the_detector_finds_in_the_original()
    {
        foreach (var resize in (Resize[])[Resize.ShortestEdge(64, 96), Resize.Letterbox(80, 48)])
        {
            using var detector = new Detector(Model, new() { Device = "cpu", Resize = resize });
            var image = Picture(150, 70, 12);
            var (width, height) = resize.InputSize(150, 70);
            var input = new byte[3 * width * height];
            resize.WriteInput(image, input);
            Assert.Equal(detector.Detect(image), detector.Detect(input, 150, 70));
            Assert.Contains("3 x", Assert.Throws<ArgumentException>(() => detector.Detect(input.AsSpan(1), 150, 70)).Message);
        }
    }

    [Theory]
    [InlineData(Precision.Float32, true)]
    [InlineData(Precision.BFloat16, true)]
    [InlineData(Precision.BFloat16, false)]
    public void Images_of_any_size_reach_the_network_as_multiples_of_32_pixels_and_give_finite_numbers(Precision precision, bool fold)
    {
        foreach (var normalization in Enum.GetValues<Normalization>())
        {
            var trained = Untrained(TinyDetector.Options with { Backbone = TinyDetector.Options.Backbone with { Normalization = normalization } });
            foreach (var resize in (Resize[])[Resize.ShortestEdge(64, 96), Resize.ShortestEdge(1, 2), Resize.Letterbox(7, 5), Resize.Letterbox(33, 200)])
            {
                using var detector = new Detector(trained, new() { Device = "cpu", Precision = precision, FoldBatchNorm = fold, Resize = resize });
                foreach (var (width, height) in ((int, int)[])[(1, 1), (5, 300), (300, 5), (33, 200)])
                {
                    var image = Picture(width, height, 11);
                    var input = DetectorInput.Create([image], resize);
                    Assert.True(input is { Width: >= 32, Height: >= 32 } && input.Width % 32 == 0 && input.Height % 32 == 0, $"{input.Width} x {input.Height}");
                    Assert.All(detector.Scores(image).Levels, level => Assert.All(level.EndToEnd.Concat(level.OneToMany), score => Assert.InRange(score, 0f, 1f)));
                    var found = detector.Detect(image);
                    // A score that is no number would pass no threshold: there are as many detections as locations, times two classes.
                    Assert.Equal(Math.Min(100, 2 * detector.Scores(image).Levels.Sum(level => level.EndToEnd.Count)), found.Count);
                    Assert.All(found, d => Assert.True(d.X1 >= 0 && d.Y1 >= 0 && d.X2 <= width && d.Y2 <= height && d.X1 <= d.X2 && d.Y1 <= d.Y2, d.ToString()));
                }
            }
        }
    }

    [Theory]
    [InlineData(DetectionMode.EndToEnd)]
    [InlineData(DetectionMode.OneToMany)]
    public void A_detector_that_finds_nothing_gives_empty_lists(DetectionMode mode)
    {
        using var detector = new Detector(Model, new() { Device = "cpu", PostProcessing = new() { Mode = mode, ScoreThreshold = 1, CandidateThreshold = 1 } });
        Assert.Empty(detector.Detect(Picture(64, 64, 1)));
        var found = detector.Detect([Picture(64, 64, 1), Picture(33, 90, 2), Picture(1, 1, 3)]);
        Assert.Equal(3, found.Count);
        Assert.All(found, Assert.Empty);
        Assert.Empty(detector.Detect([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => detector.Prepare([]));
    }

    [Fact]
    public void An_evaluation_of_nothing_found_and_of_no_image_at_all_comes_to_an_end()
    {
        // Every class starts at a probability of 0.01: with NMS no candidate passes.
        var found = DetectorEvaluation.Run(Model, TinyDetector.Truth(9), "cpu");
        Assert.Equal(9, found.OneToManyDetections.Count);
        Assert.All(found.OneToManyDetections, Assert.Empty);
        Assert.Equal(0, found.OneToMany.Summary.AP);
        Assert.All(found.EndToEndDetections!, Assert.NotEmpty);
        var none = DetectorEvaluation.Run(Model, TinyDetector.Truth(0), "cpu");
        Assert.Empty(none.OneToManyDetections);
        Assert.Empty(none.EndToEndDetections!);
    }

    [Fact]
    public void One_to_many_and_end_to_end_come_from_one_model()
    {
        using var many = new Detector(Model, new() { Device = "cpu", PostProcessing = new() { Mode = DetectionMode.OneToMany, CandidateThreshold = 0 } });
        using var single = new Detector(Model, new() { Device = "cpu" });
        Assert.NotEqual(many.Detect(Picture(64, 64, 8)), single.Detect(Picture(64, 64, 8)));
    }

    [Fact]
    public void What_cannot_be_done_is_said()
    {
        var plain = Untrained(TinyDetector.Options with { Selector = null });
        Assert.Contains("no positive sample selector", Assert.Throws<ArgumentException>(
            () => new Detector(plain, new() { Device = "cpu", PostProcessing = new() { Mode = DetectionMode.EndToEnd } })).Message);
        Assert.Contains("'tpu' is no device", Assert.Throws<ArgumentException>(() => new Detector(Model, new() { Device = "tpu" })).Message);
        Assert.Contains("Float16 runs on a GPU", Assert.Throws<ArgumentException>(() => new Detector(Model, new() { Device = "cpu", Precision = Precision.Float16 })).Message);
        Assert.Throws<WeightFileException>(() => new Detector(Model with { Options = TinyDetector.Options with { Classes = 3 } }, new() { Device = "cpu" }));
        var detector = new Detector(Model, new() { Device = "cpu" });
        detector.Dispose();
        Assert.Throws<ObjectDisposedException>(() => detector.Detect(Picture(64, 64, 9)));
    }

    [Fact]
    public void A_file_cut_short_or_of_another_kind_is_named()
    {
        Model.Save(_file);
        var bytes = File.ReadAllBytes(_file);
        File.WriteAllBytes(_file, bytes[..(bytes.Length / 2)]);
        Assert.Contains(_file, Assert.Throws<WeightFileException>(() => DetectorModel.Load(_file)).Message);
        Safetensors.Write(_file, Model.Weights);
        Assert.Contains("not a detector's file", Assert.Throws<WeightFileException>(() => DetectorModel.Load(_file)).Message);
    }

    [Theory]
    [InlineData("\"Layers\":[2,2,2,2]", "\"Layers\":[2,2,2,100000000]")]
    [InlineData("\"Channels\":32", "\"Channels\":4096")]
    [InlineData("\"Classes\":2", "\"Classes\":100000")]
    [InlineData("\"Width\":8", "\"Width\":-8")]
    public void Options_that_ask_for_more_than_the_file_holds_are_refused_before_anything_is_built(string honest, string hostile)
    {
        Model.Save(_file);
        var stored = Safetensors.Read(_file);
        var options = stored.Metadata["options"];
        Assert.Contains(honest, options);
        Safetensors.Write(_file, new(stored.Tensors, new Dictionary<string, string>(stored.Metadata) { ["options"] = options.Replace(honest, hostile) }));
        Assert.Contains(_file, Assert.Throws<WeightFileException>(() => DetectorModel.Load(_file)).Message);
    }

    [Fact]
    public void A_batch_beyond_2_gb_is_refused()
    {
        using var detector = new Detector(Model, new() { Device = "cpu", Resize = Resize.Letterbox(40_000, 40_000) });
        Assert.Contains("1 images of 40000 x 40000", Assert.Throws<ArgumentException>(() => detector.Detect(Picture(4, 4, 1))).Message);
    }

    [Fact]
    public void Memory_is_flat_over_many_images()
    {
        using var detector = new Detector(Model, new() { Device = "cpu" });
        var image = Picture(64, 64, 10);
        detector.Detect(image);
        var before = LiveTensors.OfThread;
        for (var i = 0; i < 50; i++)
            detector.Detect(image);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    private static DetectorModel Untrained(DetectorOptions options)
    {
        using var network = options.Build(seed: 5);
        return new(options, TinyDetector.Classes, Resize.ShortestEdge(64, 96), NetworkWeights.Save(network));
    }

    /// <summary>The same with numbers as a training leaves them where new networks have zeros and ones: in normalizations and biases.</summary>
    private static DetectorModel WithStatistics(DetectorModel model)
    {
        var random = new SeededRandom(3);
        return model with { Weights = new(model.Weights.Tensors.Select(Changed)) };

        NamedTensor Changed(NamedTensor tensor) => tensor.Shape.Count != 1 || tensor.Dtype != WeightDtype.Float32
            ? tensor : NamedTensor.FromSingles(tensor.Name, tensor.Shape, Array.ConvertAll(tensor.ToSingles(), value => value + 0.3f * random.NextSingle()));
    }

    private static RgbImage Picture(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        var random = new SeededRandom(seed);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.Next(256);
        return image;
    }
}
