using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Training;

namespace Pss.MLNet.Tests;

public sealed class FitTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void The_same_seed_gives_the_same_predictions_and_another_seed_others()
    {
        Found[] first = Trained(Tiny.Options), again = Trained(Tiny.Options), other = Trained(Tiny.Options with { Training = Training(training => training with { Seed = 4 }) });
        Found.AssertSame(first, again);
        Assert.NotEqual(first[0].Score, other[0].Score);

        Found[] Trained(PssDetectionOptions options)
        {
            using var model = Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 10));
            return Found.Of(_context, model.Transform(Tiny.View(_context, 4)));
        }
    }

    [Fact]
    public void Progress_reaches_the_callback_and_the_log_with_the_device_and_the_validation()
    {
        var (messages, steps) = (new List<string>(), new List<TrainingProgress>());
        _context.Log += (_, message) => messages.Add(message.RawMessage);
        // Validation rows count their keys in the order in which they meet them.
        var held = _context.Transforms.Conversion.MapValueToKey("Label", "Names").Fit(Tiny.View(_context, 4, first: 30)).Transform(Tiny.View(_context, 4, first: 30));
        var options = Tiny.Options with { Context = _context, Validation = held, Progress = new Callback(steps.Add) };
        using var model = Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 10));
        Found.Of(_context, model.Transform(Tiny.View(_context, 2)));
        Assert.Equal(6, steps.Count);
        Assert.Equal(2, steps.Count(step => step.Evaluation is not null));
        Assert.Contains(messages, message => message.StartsWith("Training on 2 classes", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.StartsWith("10 of 10 images", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("step 6/6") && message.Contains("AP50"));
        Assert.Single(messages, message => message.StartsWith("Scoring on cpu, ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_training_goes_on_for_more_epochs_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var (messages, steps) = (new List<string>(), new List<TrainingProgress>());
        _context.Log += (_, message) => messages.Add(message.RawMessage);
        Fit(1);
        Assert.DoesNotContain(messages, message => message.StartsWith("Goes on", StringComparison.Ordinal));
        Fit(2);
        Assert.Single(messages, $"Goes on from {folder["checkpoint.safetensors"]}.");
        Assert.Equal([0, 0, 0, 1, 1, 1], steps.Select(step => step.Epoch));

        void Fit(int epochs)
        {
            var options = Tiny.Options with
            {
                Context = _context,
                Progress = new Callback(steps.Add),
                Training = Training(training => training with { OutputFolder = folder.Path, Resume = true, Schedule = training.Schedule with { Epochs = epochs } }),
            };
            Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 10)).Dispose();
        }
    }

    [Fact]
    public void With_validation_rows_and_an_output_folder_a_training_ends_with_a_report_unless_told_otherwise()
    {
        using var folder = new TemporaryFolder();
        var messages = new List<string>();
        _context.Log += (_, message) => messages.Add(message.RawMessage);
        var held = _context.Transforms.Conversion.MapValueToKey("Label", "Names").Fit(Tiny.View(_context, 4, first: 30)).Transform(Tiny.View(_context, 4, first: 30));

        Fit("without", options => options with { Validation = null });
        Fit("off", options => options with { WriteReport = false });
        Assert.False(File.Exists(folder["without", "report.html"]) || File.Exists(folder["off", "report.html"]));

        Fit("first", options => options);
        var page = File.ReadAllText(folder["first", "report.html"]);
        Assert.Contains("bright", page);
        Assert.Contains("4 images in passes of 4", page);
        Assert.Contains($"The report is {folder["first", "report.html"]}.", messages);
        Assert.Contains("Trains in Float32, in passes of 4 images.", messages);

        // A folder is in the way: the model is not lost.
        Directory.CreateDirectory(folder["second", "report.html"]);
        Fit("second", options => options);
        Assert.Contains(messages, message => message.StartsWith($"The report {folder["second", "report.html"]} was not written: ", StringComparison.Ordinal));

        void Fit(string name, Func<PssDetectionOptions, PssDetectionOptions> change)
        {
            var options = Tiny.Options with { Context = _context, Validation = held, Training = Training(training => training with { OutputFolder = folder[name] }) };
            using var model = Tiny.Pipeline(_context, change(options)).Fit(Tiny.View(_context, 10));
            Assert.NotEmpty(model.LastTransformer.Model.Weights.Tensors);
        }
    }

    [Fact]
    public void A_missing_gpu_is_answered_by_the_context()
    {
        var messages = new List<string>();
        _context.Log += (_, message) => messages.Add(message.RawMessage);
        (_context.GpuDeviceId, _context.FallbackToCpu) = (99, true);
        var options = Tiny.Options with { Context = _context, Training = Training(training => training with { Device = null }), Inference = Tiny.Options.Inference with { Device = null } };
        using (var model = Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 4)))
            Assert.NotEmpty(model.LastTransformer.Model.Weights.Tensors);
        Assert.Contains(messages, message => message.Contains("GPU 99 is not available"));
        _context.FallbackToCpu = false;
        var error = Assert.Throws<ArgumentException>(() => Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 4)));
        Assert.Contains("cuda:99", error.Message);
    }

    [Fact]
    public void Training_is_canceled()
    {
        using var cancel = new CancellationTokenSource();
        var options = Tiny.Options with { CancellationToken = cancel.Token, Progress = new Callback(_ => cancel.Cancel()) };
        Assert.ThrowsAny<OperationCanceledException>(() => Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 10)));
    }

    [Fact]
    public void Rows_without_image_or_objects_are_left_out_or_kept_as_background()
    {
        var rows = Tiny.Rows(10).ToArray();
        rows[2].Image = null;
        (rows[3].Names, rows[3].BoundingBoxes) = ([], []);
        Assert.Equal(4, Steps(false)); // 8 rows
        Assert.Equal(6, Steps(true)); // 9 rows

        long Steps(bool keep)
        {
            long steps = 0;
            var options = Tiny.Options with { KeepEmptyImages = keep, Progress = new Callback(step => steps = step.Steps) };
            using var model = Tiny.Pipeline(_context, options).Fit(_context.Data.LoadFromEnumerable(rows));
            return steps;
        }
    }

    [Fact]
    public void Training_goes_on_from_weights()
    {
        using var first = Tiny.Pipeline(_context).Fit(Tiny.View(_context, 8));
        var still = Tiny.Options with
        {
            StartWeights = first.LastTransformer.Model.Weights,
            Training = Training(training => training with { LearningRate = 1e-30, Schedule = training.Schedule with { Epochs = 1 } }),
        };
        using var second = Tiny.Pipeline(_context, still).Fit(Tiny.View(_context, 8));
        const string name = "head.class_logits.weight";
        Assert.True(first.LastTransformer.Model.Weights[name].Data.Span.SequenceEqual(second.LastTransformer.Model.Weights[name].Data.Span));
    }

    [Fact]
    public void A_base_detector_is_trained_too()
    {
        var options = Tiny.Options with { Detector = detector => Tiny.Options.Detector!(detector) with { Selector = null } };
        using var model = Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 8));
        Assert.Equal(3, model.Transform(Tiny.View(_context, 3)).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void Without_detector_and_start_weights_a_detector_is_trained_from_scratch()
    {
        var options = Tiny.Options with { Detector = null, Epochs = 1, Training = training => training with { BatchSize = 4, NominalBatch = 4, Device = "cpu" } };
        using var model = Tiny.Pipeline(_context, options).Fit(Tiny.View(_context, 4));
        var (trained, recipe) = (model.LastTransformer.Model.Options, TrainingRecipe.FromScratch(Tiny.Classes.Length, 4).Detector);
        Assert.Equal((recipe.Backbone, recipe.Pyramid, recipe.Classes), (trained.Backbone, trained.Pyramid, trained.Classes));
    }

    /// <summary>The tiny detector's training, changed.</summary>
    private static Func<TrainingOptions, TrainingOptions> Training(Func<TrainingOptions, TrainingOptions> change) => training => change(Tiny.Options.Training!(training));

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
