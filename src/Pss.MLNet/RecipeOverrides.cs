using System.Runtime.CompilerServices;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Training;

namespace Pss.MLNet;

/// <summary>Applies options to the recipe of a training, or to the resize rule of a loaded detector.</summary>
internal static class RecipeOverrides
{
    /// <summary>The recipe for a dataset, changed by the options in their documented order, and valid.</summary>
    /// <param name="options">The options.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="images">Number of training images.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a function's result is; the message names it.</exception>
    public static TrainingRecipe ToRecipe(this PssDetectionOptions options, int classes, int images)
    {
        var recipe = options.StartWeights is null ? TrainingRecipe.FromScratch(classes, images) : TrainingRecipe.FineTuning(classes);
        if (options.Resize is { } rule)
            recipe = recipe with { Augmentation = recipe.Augmentation with { Sizes = [rule] } };
        else if (options.ImageSize is { } size)
            recipe = recipe.WithImageSize(size);
        var training = options.Epochs is { } epochs ? recipe.Training with { Schedule = recipe.Training.Schedule.WithEpochs(epochs) } : recipe.Training;
        var detector = Call(options.Detector, recipe.Detector);
        training = Call(options.Training, training);
        var augmentation = Call(options.Augmentation, recipe.Augmentation);
        CheckClasses(detector, classes, options.LabelColumnName);
        detector.Validate();
        training.Validate();
        augmentation.Validate();
        return new(detector, training, augmentation, options.Resize ?? augmentation.LargestSize);
    }

    /// <summary>The resize rule of a loaded detector.</summary>
    public static Resize ToResize(this PssDetectionOptions options, Resize stored)
        => options.Resize ?? (options.ImageSize is { } size ? stored.WithShorterSide(size) : stored);

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
