using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Training;

public sealed class TrainingRecipeTests
{
    [Theory]
    [InlineData(205, 76)]
    [InlineData(8, 2000)]
    [InlineData(100_000, 12)]
    public void From_scratch_there_are_as_many_epochs_as_small_data_needs(int images, int epochs)
        => Assert.Equal(epochs, TrainingRecipe.FromScratch(3, images).Training.Schedule.Epochs);

    [Fact]
    public void From_scratch_everything_is_trained()
    {
        using var network = TrainingRecipe.FromScratch(3, 205).Detector.Build();
        Assert.All(network.named_parameters(), named => Assert.True(named.parameter.requires_grad, named.name));
    }

    [Theory]
    [InlineData(205, 25, 4)]
    [InlineData(8, 650, 4)]
    [InlineData(2_000, 12, 16)]
    [InlineData(100_000, 12, 16)]
    public void From_pretrained_weights_a_third_of_the_images_is_enough(int images, int epochs, int batch)
    {
        var training = TrainingRecipe.Pretrained(3, images).Training;
        Assert.Equal((epochs, batch, batch), (training.Schedule.Epochs, training.BatchSize, training.ReferenceBatch));
    }

    [Fact]
    public void Pretrained_normalizations_do_not_train()
    {
        var recipe = TrainingRecipe.Pretrained(3, 205);
        Assert.True(recipe.Detector.Backbone.SharesWeightsWith(ResNetOptions.PretrainedResNet18));
        using var network = recipe.Detector.Build();
        Assert.All(network.named_parameters().Where(named => named.name.StartsWith("backbone.", StringComparison.Ordinal)), named =>
            Assert.Equal(named.name.Contains(".conv.", StringComparison.Ordinal) && !named.name.Contains("stem", StringComparison.Ordinal) && !named.name.Contains("stage1", StringComparison.Ordinal),
                named.parameter.requires_grad));
    }

    [Theory] // Nine of ten objects are 16 pixels or more at the recipe's size: that of objects of so many pixels in images of 640 x 480, 40 being 20 at 240.
    [InlineData(40, 240)]
    [InlineData(32, 240)]
    [InlineData(24, 320)]
    [InlineData(20, 384)]
    [InlineData(16, 480)]
    [InlineData(8, 480)] // Not above the images' own.
    public void The_size_follows_the_small_objects(int size, int side)
        => Assert.Equal(Resize.ShortestEdge(side, (int)Math.Round(side * 4 / 3.0)), TrainingRecipe.Pretrained(1, 10).WithSizeFor(Images(640, 480, size)).Resize);

    [Fact]
    public void The_size_has_a_limit()
        => Assert.Equal(Resize.ShortestEdge(800, 1067), TrainingRecipe.FromScratch(1, 10).WithSizeFor(Images(4000, 3000, 40)).Resize);

    [Fact]
    public void Without_objects_the_size_stays()
        => Assert.Equal(Resize.ShortestEdge(240, 320), TrainingRecipe.FromScratch(1, 10).WithSizeFor(Images(4000, 3000)).Resize);

    [Fact]
    public void Small_data_from_pretrained_weights_is_varied_in_scale_and_color_and_all_else_is_flipped()
    {
        var augmentation = TrainingRecipe.Pretrained(3, 205).WithImageSize(480).Augmentation;
        Assert.Equal((0.5, 0.5, 0.2, 0.2, 0.0), (augmentation.HorizontalFlip, augmentation.ScaleJitter, augmentation.Brightness, augmentation.Hue * 10, augmentation.Mosaic));
        foreach (var recipe in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.FineTuning(80)])
            Assert.Equal((0.5, 0.0, 0.0), (recipe.Augmentation.HorizontalFlip, recipe.Augmentation.ScaleJitter, recipe.Augmentation.Brightness));
    }

    [Fact]
    public void Large_images_from_pretrained_weights_start_at_half_size()
    {
        var recipe = TrainingRecipe.Pretrained(3, 205);
        Assert.Equal(0.6, recipe.WithImageSize(480).Augmentation.HalfSizeShare);
        Assert.Equal(0.6, recipe.WithResize(Resize.Letterbox(640, 480)).Augmentation.HalfSizeShare);
        Assert.Equal(0.6, recipe.WithSizeFor(Images(4000, 3000, 40)).Augmentation.HalfSizeShare);
        Assert.Equal(0, recipe.WithImageSize(480).WithImageSize(464).Augmentation.HalfSizeShare);
        Assert.Equal(0, recipe.WithResize(Resize.Letterbox(640, 479)).Augmentation.HalfSizeShare);
        foreach (var other in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.FineTuning(80)])
        {
            Assert.Equal(0, other.WithImageSize(800).WithResize(Resize.ShortestEdge()).Augmentation.HalfSizeShare);
            Assert.Equal(0.3, (other with { Augmentation = other.Augmentation with { HalfSizeShare = 0.3 } }).WithImageSize(800).Augmentation.HalfSizeShare);
        }
        var large = recipe.WithImageSize(480);
        Assert.Contains($"Images have half their size in the first {large.Training.Schedule.Epochs * 3 / 5} of {large.Training.Schedule.Epochs} epochs (HalfSizeShare).",
            new DetectorTrainer(large.Detector, large.Training, large.Augmentation, large.Resize).Account(Images(640, 480, 40)));
    }

    [Fact]
    public void Less_than_half_of_the_epochs_clip_gradients_sooner()
    {
        foreach (var recipe in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.Pretrained(3, 205), TrainingRecipe.FineTuning(80)])
        {
            var usual = recipe.Training.Schedule.Epochs;
            Assert.Equal((35, 35, 35, 10), (recipe.Training.GradientClip, Clip(2 * usual), Clip((usual + 1) / 2), Clip((usual - 1) / 2)));
            Assert.Equal(35, Clip(int.MaxValue));
            Assert.Throws<ArgumentOutOfRangeException>(() => recipe.WithEpochs(0));
            Assert.Throws<ArgumentOutOfRangeException>(() => recipe.WithImageSize(0));
            Assert.Equal(recipe.Training.Schedule.WithEpochs(3).DecayEpochs, recipe.WithEpochs(3).Training.Schedule.DecayEpochs);

            double Clip(int epochs) => recipe.WithEpochs(epochs).Training.GradientClip;
        }
        var own = TrainingRecipe.Pretrained(3, 205);
        Assert.Equal(5, (own with { Training = own.Training with { GradientClip = 5 } }).WithEpochs(1).Training.GradientClip);
    }

    [Fact]
    public void The_selector_of_small_data_learns_faster_than_the_papers()
    {
        foreach (var recipe in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.Pretrained(3, 205)])
        {
            Assert.Equal((0.6, 3.0), (recipe.Detector.Matching.Alpha, recipe.Training.SelectorRateFactor));
            Assert.Equal((MatchCandidates.PositivesOnLevel, false), (recipe.Detector.Matching.Candidates, recipe.Detector.Selector!.LocalMaxima));
        }
        var paper = TrainingRecipe.FineTuning(80);
        Assert.Equal((0.8, 1.0), (paper.Detector.Matching.Alpha, paper.Training.SelectorRateFactor));
        Assert.Equal((MatchCandidates.Positives, false), (paper.Detector.Matching.Candidates, paper.Detector.Selector!.LocalMaxima));
    }

    /// <summary>Objects of 20 pixels at strides of 8, whose centers lie on locations 1 and 2, or 1 and 3, of a row, of the same class or not, as one pair among others.</summary>
    [Theory]
    [InlineData(8, 0, 2, false)]
    [InlineData(8, 0, 99, true)]
    [InlineData(8, 1, 2, true)]
    [InlineData(16, 0, 2, true)]
    [InlineData(0, 0, 2, false)]
    public void Local_maxima_are_for_objects_apart(int distance, int label, int pairs, bool expected)
    {
        var dataset = Pairs([(distance, label), .. Enumerable.Repeat((64, 0), pairs - 1)]);
        Assert.Equal(expected, TrainingRecipe.Pretrained(2, 10).WithLocalMaximaFor(dataset).Detector.Selector!.LocalMaxima);
        Assert.Equal(expected, TrainingRecipe.FromScratch(2, 10).WithLocalMaximaFor(dataset).Detector.Selector!.LocalMaxima);
    }

    /// <summary>Two objects 16 pixels apart are neighbors at half of the size.</summary>
    [Fact]
    public void Local_maxima_follow_the_size()
    {
        var dataset = Pairs((16, 0));
        var recipe = TrainingRecipe.FromScratch(1, 10);
        Assert.True(recipe.WithLocalMaximaFor(dataset).Detector.Selector!.LocalMaxima);
        Assert.False(recipe.WithResize(Resize.ShortestEdge(120, 160)).WithLocalMaximaFor(dataset).Detector.Selector!.LocalMaxima);
        Assert.False((recipe with { Detector = recipe.Detector with { Selector = new() { LocalMaxima = true } } })
            .WithResize(Resize.ShortestEdge(120, 160)).WithLocalMaximaFor(dataset).Detector.Selector!.LocalMaxima);
        Assert.Null((recipe with { Detector = DetectorOptions.Fcos(1) }).WithLocalMaximaFor(dataset).Detector.Selector);
    }

    [Fact]
    public void A_training_says_what_local_maxima_can_lose()
    {
        var (dataset, recipe) = (Pairs((8, 0), (16, 0), (8, 1)), TrainingRecipe.FromScratch(2, 10));
        Assert.Contains("can lose 1 of 6 objects", Account(new() { LocalMaxima = true }));
        Assert.Contains("could lose 1 of 6 objects", Account(new()));

        string Account(SelectorOptions selector)
            => string.Concat(new DetectorTrainer(recipe.Detector with { Selector = selector }, recipe.Training, recipe.Augmentation, recipe.Resize).Account(dataset));
    }

    [Fact]
    public void All_are_within_their_ranges()
    {
        foreach (var recipe in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.Pretrained(3, 205), TrainingRecipe.FineTuning(80)])
        {
            recipe.Detector.Validate();
            recipe.Training.Validate();
            recipe.Augmentation.Validate();
        }
    }

    /// <summary>Images of two objects each, the second so many pixels to the right of the first and of that class.</summary>
    private static DetectionDataset Pairs(params (int Distance, int Label)[] pairs) => new()
    {
        Categories = [new(1, "a"), new(2, "b")],
        Images = [.. pairs.Select((pair, id) => new ImageRecord
        {
            Id = id, FileName = $"{id}.png", Width = 320, Height = 240,
            Objects = [new() { Label = 0, Box = new(4, 0, 20, 20) }, new() { Label = pair.Label, Box = new(4 + pair.Distance, 0, 20, 20) }],
        })],
    };

    /// <summary>Ten images with nine objects of the given size and a tiny one each, or without any.</summary>
    private static DetectionDataset Images(int width, int height, int? size = null)
    {
        int[] sizes = size is { } all ? [2, .. Enumerable.Repeat(all, 9)] : [];
        ObjectAnnotation[] objects = [.. sizes.Select(each => new ObjectAnnotation { Label = 0, Box = new(10, 10, each, each) })];
        return new()
        {
            Categories = [new(1, "thing")],
            Images = [.. Enumerable.Range(0, 10).Select(id => new ImageRecord { Id = id, FileName = $"{id}.png", Width = width, Height = height, Objects = objects })],
        };
    }
}
