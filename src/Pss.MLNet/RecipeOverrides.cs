using System.Runtime.CompilerServices;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.MLNet;

/// <summary>Applies options to the recipe of a training, or to the resize rule of a loaded detector.</summary>
internal static class RecipeOverrides
{
    /// <summary>The recipe for a dataset, changed by the options in their documented order, and valid; and the weights that it starts from.</summary>
    /// <param name="options">The options.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="pretrained">ImageNet weights for <see cref="ResNetOptions.PretrainedResNet18"/>; null if there are none. They are left out where the options
    /// choose another backbone.</param>
    /// <param name="images">The training images; null before they are read.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a function's result is; the message names it.</exception>
    public static (TrainingRecipe Recipe, WeightFile? Start) ToRecipe(this PssDetectionOptions options, int classes, WeightFile? pretrained, DetectionDataset? images)
    {
        if (options.StartWeights is { } start)
            return (Change(options, TrainingRecipe.FineTuning(classes), classes, null), start);
        var count = images?.Images.Count ?? 1;
        if (pretrained is not null)
        {
            var recipe = Change(options, TrainingRecipe.Pretrained(classes, count), classes, images);
            if (recipe.Detector.Backbone.SharesWeightsWith(ResNetOptions.PretrainedResNet18))
                return (recipe, pretrained);
        }
        return (Change(options, TrainingRecipe.FromScratch(classes, count), classes, images), null);
    }

    /// <summary>The resize rule of a loaded detector.</summary>
    public static Resize ToResize(this PssDetectionOptions options, Resize stored)
        => options.Resize ?? (options.ImageSize is { } size ? stored.WithShorterSide(size) : stored);

    private static TrainingRecipe Change(PssDetectionOptions options, TrainingRecipe recipe, int classes, DetectionDataset? images)
    {
        if (options.Resize is { } rule)
            recipe = recipe.WithResize(rule);
        else if (options.ImageSize is { } size)
            recipe = recipe.WithImageSize(size);
        else if (images is not null)
            recipe = recipe.WithSizeFor(images);
        if (images is not null)
            recipe = recipe.WithLocalMaximaFor(images);
        if (options.Epochs is { } epochs)
            recipe = recipe.WithEpochs(epochs);
        var detector = Call(options.Detector, recipe.Detector);
        var training = Call(options.Training, recipe.Training);
        var augmentation = Call(options.Augmentation, recipe.Augmentation);
        CheckClasses(detector, classes, options.LabelColumnName);
        detector.Validate();
        training.Validate();
        augmentation.Validate();
        return recipe with { Detector = detector, Training = training, Augmentation = augmentation, Resize = options.Resize ?? augmentation.LargestSize };
    }

    private static T Call<T>(Func<T, T>? change, T value, [CallerArgumentExpression(nameof(change))] string name = "")
        where T : class
        => change is null ? value : change(value) ?? throw new ArgumentException($"The function {name} returned null: return the changed {typeof(T).Name}.");

    private static void CheckClasses(DetectorOptions detector, int classes, string column)
    {
        if (detector.Classes != classes)
            throw new ArgumentException(
                $"The function {nameof(PssDetectionOptions)}.{nameof(PssDetectionOptions.Detector)} returned a detector with {detector.Classes} classes, but column '{column}' has {classes}: "
                + "derive the detector from the argument, or make it for detector.Classes.");
    }
}
