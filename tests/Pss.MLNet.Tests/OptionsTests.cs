using System.Text.Json;
using Microsoft.ML;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.MLNet.Tests;

/// <summary>How options change the recipe, and which values they refuse.</summary>
public sealed class OptionsTests
{
    private static readonly WeightFile ImageNet = new([], new Dictionary<string, string>());
    private static readonly PssDetectionOptions Options = new();
    private static readonly PssDetectionOptions FineTuning = new() { StartWeights = new([], new Dictionary<string, string>()) };

    [Fact]
    public void Without_options_the_recipe_is_unchanged()
    {
        AssertSame(TrainingRecipe.FromScratch(3, 100).WithLocalMaximaFor(Scenes.Images(3)), Options.Recipe());
        AssertSame(TrainingRecipe.FineTuning(3), FineTuning.Recipe());
    }

    [Fact]
    public void Pretrained_weights_are_taken_unless_the_options_choose_another_backbone()
    {
        var images = Scenes.Images(3);
        var (recipe, start) = Options.ToRecipe(3, ImageNet, images);
        AssertSame(TrainingRecipe.Pretrained(3, images.Images.Count).WithLocalMaximaFor(images), recipe);
        Assert.Same(ImageNet, start);

        // Another network from the recipe's detector keeps them.
        (recipe, start) = (Options with { Detector = detector => DetectorOptions.AtssPss(3) with { Backbone = detector.Backbone } }).ToRecipe(3, ImageNet, images);
        Assert.Same(ImageNet, start);
        // One with a backbone of its own, or derived from the recipe's, is that of the recipe from scratch.
        (recipe, start) = (Options with { Detector = detector => detector with { Backbone = detector.Backbone with { Width = 16 } } }).ToRecipe(3, ImageNet, images);
        Assert.Null(start);
        Assert.Equal((0, 16), (recipe.Detector.Backbone.FrozenStages, recipe.Detector.Backbone.Width));
        Assert.Equal(TrainingRecipe.FromScratch(3, images.Images.Count).Training.Schedule.Epochs, recipe.Training.Schedule.Epochs);
        // Weights that are given win.
        Assert.Same(FineTuning.StartWeights, FineTuning.ToRecipe(3, ImageNet, images).Start);
    }

    [Fact]
    public void Small_objects_get_a_larger_image_unless_a_size_is_chosen()
    {
        var small = Scenes.Images(3, objectSize: 20);
        Assert.True(Options.ToRecipe(3, null, small).Recipe.Resize.Sides.First > 240);
        Assert.Equal(Resize.ShortestEdge(480, 640), (Options with { ImageSize = 480 }).ToRecipe(3, null, small).Recipe.Resize);
        Assert.Equal(Resize.Letterbox(64, 64), (Options with { Resize = Resize.Letterbox(64, 64) }).ToRecipe(3, null, small).Recipe.Resize);
        // Large ones start at half size, unless that is changed.
        var large = Options with { Resize = Resize.Letterbox(640, 640) };
        Assert.Equal(0.6, large.ToRecipe(3, ImageNet, small).Recipe.Augmentation.HalfSizeShare);
        Assert.Equal(0, (large with { Augmentation = augmentation => augmentation with { HalfSizeShare = 0 } }).ToRecipe(3, ImageNet, small).Recipe.Augmentation.HalfSizeShare);
    }

    [Fact]
    public void Local_maxima_are_taken_where_objects_lie_apart_at_the_chosen_size()
    {
        // Two objects of 200 pixels, 80 apart: at a short side of 240 that is five locations of P3, at one of 48 they lie on neighboring ones.
        var scenes = Scenes.Images(3);
        var apart = new DetectionDataset
        {
            Categories = scenes.Categories,
            Images = [.. scenes.Images.Select(image => image with { Objects = [.. image.Objects, new() { Label = 0, Box = new(90, 10, 200, 200) }] })],
        };
        Assert.True(LocalMaxima(Options));
        Assert.False(LocalMaxima(Options with { Resize = Resize.Letterbox(64, 48) }));
        Assert.False(LocalMaxima(Options with { ImageSize = 48 }));
        Assert.False(LocalMaxima(Options with { Detector = detector => detector with { Selector = detector.Selector! with { LocalMaxima = false } } }));
        Assert.False(LocalMaxima(FineTuning));

        bool LocalMaxima(PssDetectionOptions options) => options.ToRecipe(3, null, apart).Recipe.Detector.Selector!.LocalMaxima;
    }

    [Theory]
    [InlineData(24, 16, 22)]
    [InlineData(6, 4, 6)]
    [InlineData(1, 1, 1)]
    public void Epochs_scale_the_decay_epochs(int epochs, int first, int second)
    {
        var schedule = (FineTuning with { Epochs = epochs }).Recipe().Training.Schedule;
        Assert.Equal(epochs, schedule.Epochs);
        Assert.Equal([first, second], schedule.DecayEpochs);
    }

    [Fact]
    public void The_image_size_scales_training_and_detection_sizes_in_proportion()
    {
        var small = (Options with { ImageSize = 480 }).Recipe();
        Assert.Equal(Resize.ShortestEdge(480, 640), small.Resize);
        Assert.Equal([small.Resize], small.Augmentation.Sizes);
        var large = (FineTuning with { ImageSize = 400 }).Recipe();
        Assert.Equal(Resize.ShortestEdge(400, 666), large.Resize);
        Assert.Equal(11, large.Augmentation.Sizes.Count);
        Assert.Equal(Resize.ShortestEdge(240, 666), large.Augmentation.Sizes[0]);
        Assert.Equal(large.Resize, large.Augmentation.Sizes[^1]);
    }

    [Fact]
    public void Training_and_detection_sizes_go_together_unless_both_are_given()
    {
        var box = Resize.Letterbox(320, 256);
        var both = (FineTuning with { Resize = box }).Recipe();
        Assert.Equal((box, box), (both.Resize, Assert.Single(both.Augmentation.Sizes)));

        var sizes = new[] { Resize.ShortestEdge(200, 400), box, Resize.Letterbox(900, 64) };
        var augmented = Options with { Augmentation = augmentation => augmentation with { Sizes = sizes } };
        Assert.Equal(box, augmented.Recipe().Resize);
        Assert.Equal(sizes[0], (augmented with { Resize = sizes[0] }).Recipe().Resize);
        Assert.Equal(sizes, (augmented with { Resize = sizes[0] }).Recipe().Augmentation.Sizes);
    }

    [Fact]
    public void Functions_change_single_fields_and_win_over_epochs_and_image_size()
    {
        var recipe = (Options with
        {
            Epochs = 5,
            ImageSize = 480,
            Detector = detector => detector with { Pyramid = detector.Pyramid with { Channels = 64 } },
            Training = training => training with { LearningRate = 0.02, Schedule = training.Schedule with { Epochs = training.Schedule.Epochs + 2 } },
            Augmentation = augmentation => augmentation with { HorizontalFlip = 0 },
        }).Recipe();
        var plain = TrainingRecipe.FromScratch(3, 100);
        Assert.Equal((7, 0.02, plain.Training.NominalBatch), (recipe.Training.Schedule.Epochs, recipe.Training.LearningRate, recipe.Training.NominalBatch));
        Assert.Equal((64, plain.Detector.Backbone), (recipe.Detector.Pyramid.Channels, recipe.Detector.Backbone));
        Assert.Equal((0, Resize.ShortestEdge(480, 640)), (recipe.Augmentation.HorizontalFlip, Assert.Single(recipe.Augmentation.Sizes)));
    }

    [Fact]
    public void A_loaded_detectors_size_is_kept_scaled_or_replaced()
    {
        var stored = Resize.Letterbox(320, 240);
        Assert.Equal(stored, Options.ToResize(stored));
        Assert.Equal(Resize.Letterbox(640, 480), (Options with { ImageSize = 480 }).ToResize(stored));
        Assert.Equal(Resize.ShortestEdge(64, 96), (Options with { Resize = Resize.ShortestEdge(64, 96) }).ToResize(stored));
    }

    [Fact]
    public void A_detector_with_another_number_of_classes_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => (Options with { Detector = _ => DetectorOptions.AtssPss(5) }).Recipe());
        AssertSays(error, "PssDetectionOptions.Detector", "5 classes", "'Label' has 3", "detector.Classes");
        Assert.Equal(3, (Options with { Detector = detector => DetectorOptions.AtssPss(detector.Classes) }).Recipe().Detector.Classes);
    }

    [Fact]
    public void Results_of_functions_are_checked_before_any_row_is_read()
    {
        var context = new MLContext(1);
        AssertFit(Tiny.Options with { Training = training => training with { BatchSize = -1 } }, "BatchSize");
        AssertFit(Tiny.Options with { Training = _ => null! }, "options.Training", "null");
        AssertFit(Tiny.Options with { Detector = _ => DetectorOptions.FcosPss(7) }, "7 classes", "has 2");

        void AssertFit(PssDetectionOptions options, params string[] words)
        {
            var view = context.Transforms.Conversion.MapValueToKey("Label", "Names").Fit(Tiny.View(context, 4)).Transform(context.Data.LoadFromEnumerable(Unreadable()));
            AssertSays(Assert.ThrowsAny<ArgumentException>(() => context.Transforms.DetectObjectsPss(options).Fit(view)), words);
        }

        static IEnumerable<SquareRow> Unreadable() => Enumerable.Range(0, 1).Select<int, SquareRow>(_ => throw new InvalidOperationException("A row is read."));
    }

    [Fact]
    public void Values_out_of_range_and_contradictions_are_named()
    {
        AssertInvalid(Options with { Epochs = 0 }, "Epochs", "from 1 to");
        AssertInvalid(Options with { ImageSize = 31 }, "ImageSize", "31", "from 32 to 4096");
        AssertInvalid(Options with { ImageSize = 480, Resize = Resize.Letterbox(8, 8) }, "ImageSize", "480", "Resize");
        AssertInvalid(Options with { ScoreThreshold = float.NaN }, "ScoreThreshold", "NaN", "0 to 1");
        AssertInvalid(Options with { ScoringBatchSize = 1025 }, "ScoringBatchSize", "1025", "1 to 1024");
        AssertInvalid(Options with { SavedPrecision = Precision.Float16 }, "SavedPrecision", "Float16", "must be Float32 or BFloat16");
        AssertInvalid(Options with { SavedPrecision = Precision.BFloat16, SavedCalibration = Tiny.View(new(1), 1) }, "SavedPrecision is BFloat16", "SavedCalibration", "only one");
        AssertInvalid(Options with { LabelColumnName = " " }, "LabelColumnName");
        AssertInvalid(Options with { ScoreColumnName = "PredictedLabel" }, "ScoreColumnName", "PredictedLabelColumnName", "'PredictedLabel'");
    }

    [Fact]
    public void There_is_one_score_threshold()
    {
        Assert.Equal(0.3f, Options.Scoring.PostProcessing.ScoreThreshold);
        var nested = Options with { Inference = new() { PostProcessing = new() { ScoreThreshold = 0.5f } } };
        AssertInvalid(nested, "Inference.PostProcessing.ScoreThreshold is 0.5", "ScoreThreshold is 0.3", "set PssDetectionOptions.ScoreThreshold");
        (nested with { ScoreThreshold = 0.5f }).Validate();
        var limited = Options with { ScoreThreshold = 0.1f, Inference = new() { PostProcessing = new() { MaxDetections = 7 } } };
        Assert.Equal((0.1f, 7), (limited.Scoring.PostProcessing.ScoreThreshold, limited.Scoring.PostProcessing.MaxDetections));
    }

    private static void AssertInvalid(PssDetectionOptions options, params string[] words)
        => AssertSays(Assert.ThrowsAny<ArgumentException>(options.Validate), words);

    private static void AssertSays(Exception error, params string[] words) => Assert.All(words, word => Assert.Contains(word, error.Message));

    private static void AssertSame(TrainingRecipe expected, TrainingRecipe actual)
    {
        // Lists within records compare by reference.
        Assert.Equal(JsonSerializer.Serialize(expected.Detector), JsonSerializer.Serialize(actual.Detector));
        Assert.Equal(expected.Resize, actual.Resize);
        Assert.Equal(expected.Augmentation.Sizes, actual.Augmentation.Sizes);
        Assert.Equal(expected.Training.Schedule.Epochs, actual.Training.Schedule.Epochs);
        Assert.Equal(expected.Training.Schedule.DecayEpochs, actual.Training.Schedule.DecayEpochs);
    }
}

file static class Scenes
{
    /// <summary>The recipe for 100 images without pretrained weights.</summary>
    public static TrainingRecipe Recipe(this PssDetectionOptions options) => options.ToRecipe(3, pretrained: null, Images(3)).Recipe;

    /// <summary>100 images of 640 x 480 pixels, each with one square object.</summary>
    public static DetectionDataset Images(int classes, int objectSize = 200) => new()
    {
        Categories = [.. Enumerable.Range(0, classes).Select(id => new Category(id, $"class {id}"))],
        Images = [.. Enumerable.Range(0, 100).Select(id => new ImageRecord
        {
            Id = id,
            FileName = $"{id}.png",
            Width = 640,
            Height = 480,
            Objects = [new() { Label = 0, Box = new(10, 10, objectSize, objectSize) }],
        })],
    };
}
