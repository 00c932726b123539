using System.Runtime.CompilerServices;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Training;

namespace Pss.MLNet;

/// <summary>Applies options to the recipe of a training, or to the resize rule of a loaded detector.</summary>
internal static class RecipeOverrides
{
    // A rule's shorter side is what it makes of a square image.
    private const int SquareImage = 1024;

    /// <summary>The recipe for a dataset, changed by the options in their documented order, and valid.</summary>
    /// <param name="options">The options.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="images">Number of training images.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a function's result is; the message names it.</exception>
    public static TrainingRecipe ToRecipe(this PssDetectionOptions options, int classes, int images)
    {
        var recipe = options.StartWeights is null ? TrainingRecipe.FromScratch(classes, images) : TrainingRecipe.FineTuning(classes);
        var (training, augmentation) = (recipe.Training, recipe.Augmentation);
        if (options.Epochs is { } epochs)
            training = training with { Schedule = WithEpochs(training.Schedule, epochs) };
        if (options.Resize is { } rule)
            augmentation = augmentation with { Sizes = [rule] };
        else if (options.ImageSize is { } size)
            augmentation = augmentation with { Sizes = [.. augmentation.Sizes.Select(each => Scale(each, (double)size / ShorterSide(recipe.Resize)))] };
        var detector = Call(options.Detector, recipe.Detector);
        training = Call(options.Training, training);
        augmentation = Call(options.Augmentation, augmentation);
        CheckClasses(detector, classes, options.LabelColumnName);
        detector.Validate();
        training.Validate();
        augmentation.Validate();
        return new(detector, training, augmentation, options.Resize ?? augmentation.Sizes.MaxBy(ShorterSide)!);
    }

    /// <summary>The resize rule of a loaded detector.</summary>
    public static Resize ToResize(this PssDetectionOptions options, Resize stored)
        => options.Resize ?? (options.ImageSize is { } size ? Scale(stored, (double)size / ShorterSide(stored)) : stored);

    /// <summary>A schedule of another length, which decays at the same fractions of it.</summary>
    private static LearningRateSchedule WithEpochs(LearningRateSchedule schedule, int epochs) => schedule with
    {
        Epochs = epochs,
        DecayEpochs = [.. schedule.DecayEpochs.Select(epoch => Math.Max(1, (int)Math.Round((double)epoch * epochs / schedule.Epochs)))],
    };

    private static int ShorterSide(Resize rule) => rule.For(SquareImage, SquareImage).Width;

    private static Resize Scale(Resize rule, double factor)
    {
        var (first, second) = rule.Sides;
        return rule.IsLetterbox ? Resize.Letterbox(Scaled(first), Scaled(second)) : Resize.ShortestEdge(Scaled(first), Scaled(second));

        int Scaled(int side) => Math.Max(1, (int)Math.Round(side * factor));
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
