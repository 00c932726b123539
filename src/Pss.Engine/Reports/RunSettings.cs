using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Reports;

/// <summary>The options of a detector and of its training as text.</summary>
internal static class RunSettings
{
    private static readonly (string Name, ResNetOptions Options)[] Backbones =
    [
        ("ResNet-18", ResNetOptions.ResNet18), ("ResNet-34", ResNetOptions.ResNet34), ("ResNet-50", ResNetOptions.ResNet50), ("ResNet-101", ResNetOptions.ResNet101),
        ("ResNeXt-101 32x4d", ResNetOptions.ResNeXt101), ("Res2Net-101 26w-4s", ResNetOptions.Res2Net101),
    ];

    public static (string Name, string Value)[] OfModel(DetectorModel model)
    {
        var options = model.Options;
        var selector = options.Selector;
        return
        [
            ("classes", string.Join(", ", model.Classes)),
            ("input size", model.Resize.ToString()),
            ("backbone", $"{Backbone(options.Backbone)}, {options.Backbone.Normalization}"),
            ("pyramid", $"{options.Pyramid.Channels} channels, P6 from {options.Pyramid.P6Source}"),
            ("head", $"{options.Head.Convolutions} convolutions, {options.BoxEncoding}"),
            ("detector", options.Kind),
            ("selector", selector is null ? "none"
                : $"{selector.HiddenConvolutions} hidden convolutions on the {selector.Input} tower, stop-gradient {selector.StopGradient}{(selector.LocalMaxima ? ", local maxima" : "")}"),
            .. Matching(options),
            ("parameters", Text($"{Parameters(model):N0}")),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Matching(DetectorOptions options) => options.IsEndToEnd
        ? [("matching", Text($"{options.Matching.Quality}, alpha {options.Matching.Alpha}, candidates {options.Matching.Candidates}"))]
        : [];

    public static (string Name, string Value)[] OfTraining(TrainingOptions training, AugmentationOptions augmentation)
    {
        var schedule = training.Schedule;
        return
        [
            ("epochs", Epochs(schedule)),
            ("learning rate", Text($"{training.LearningRate * training.NominalBatch / training.ReferenceBatch}, {schedule.WarmUpSteps} steps of warm-up, at most a tenth of all")),
            ("batch", Text($"{training.NominalBatch} images in passes of {(training.BatchSize > 0 ? training.BatchSize : "as many as fit")}")),
            ("precision", training.Precision?.ToString() ?? "Float32, or what measured faster on a GPU"),
            .. Optimizer(training),
            ("gradient clip", Text($"norm {training.GradientClip}")),
            ("trained part", training.Part.ToString()),
            ("seed", Text($"{training.Seed}")),
            ("training sizes", string.Join(", ", augmentation.Sizes)
                + (augmentation.HalfSizeShare > 0 ? Text($", half of that in the first {100 * augmentation.HalfSizeShare:0.#} % of the epochs") : "")),
            ("flips", Text($"{100 * augmentation.HorizontalFlip:0.#} % left to right, {100 * augmentation.VerticalFlip:0.#} % upside down")),
            ("crops", Text($"{100 * augmentation.Crop:0.#} %")),
            .. Drawn(augmentation),
            ("color", Text($"brightness {augmentation.Brightness}, contrast {augmentation.Contrast}, saturation {augmentation.Saturation}, hue {augmentation.Hue}")),
        ];
    }

    /// <summary>What is drawn on a canvas, where there is any.</summary>
    private static IEnumerable<(string Name, string Value)> Drawn(AugmentationOptions augmentation)
    {
        (string Name, double Share, string Range)[] all =
        [
            ("scale jitter", augmentation.ScaleJitter, Text($", {augmentation.ScaleJitterMinimum} to {augmentation.ScaleJitterMaximum}")),
            ("zooming out", augmentation.ZoomOut, Text($", up to {augmentation.ZoomOutMaximum}")),
            ("affine", augmentation.Affine, ""),
            ("mosaics", augmentation.Mosaic, ""),
            ("mixups", augmentation.Mixup, ""),
        ];
        return all.Where(each => each.Share > 0).Select(each => (each.Name, Text($"{100 * each.Share:0.#} %") + each.Range));
    }

    private static string Epochs(LearningRateSchedule schedule) => schedule.Decay switch
    {
        LearningRateDecay.Steps when schedule.DecayEpochs.Count == 0 => Text($"{schedule.Epochs}"),
        LearningRateDecay.Steps => Text($"{schedule.Epochs}, rate x {schedule.DecayFactor} after {string.Join(", ", schedule.DecayEpochs)}"),
        var decay => Text($"{schedule.Epochs}, rate down to x {schedule.FinalFactor} ({decay})"),
    };

    /// <summary>The optimizer and its numbers; groups, average and patience where there are any.</summary>
    private static IEnumerable<(string Name, string Value)> Optimizer(TrainingOptions training)
    {
        yield return training.Optimizer == OptimizerKind.AdamW
            ? ("AdamW: betas, weight decay", Text($"{training.Beta1}, {training.Beta2}, {training.WeightDecay}"))
            : ("momentum, weight decay", Text($"{training.Momentum}, {training.WeightDecay}"));
        if (!training.DecayNormsAndBiases)
            yield return ("norms and biases", "no weight decay");
        KeyValuePair<string, double>[] factors = [new("backbone.", training.BackboneRateFactor), new("pss.", training.SelectorRateFactor), .. training.LayerRateFactors];
        if (factors.Any(factor => factor.Value != 1))
            yield return ("rates of layers",
                string.Join(", ", factors.Where(factor => factor.Value != 1).Select(factor => Text($"{factor.Key} x {factor.Value}"))));
        if (training.EmaDecay > 0)
            yield return ("averaged weights", Text($"decay {training.EmaDecay}, {training.EmaWarmUpSteps} steps of warm-up"));
        if (training.Patience > 0)
            yield return ("patience", Text($"{training.Patience} evaluations"));
        if (training.ReturnBest)
            yield return ("returned epoch", "the one with the highest AP");
    }

    /// <summary>What the log shows of the training's options.</summary>
    public static (string Name, string Value)[] OfLog(IReadOnlyList<TrainingProgress> log) => log.Count == 0 ? [] :
    [
        ("epochs", Text($"{log[^1].Epoch + 1} of {log[^1].Epochs}")),
        ("steps", Text($"{log[^1].Step:N0} of {log[^1].Steps:N0}")),
        ("highest learning rate", Text($"{log.Max(step => step.LearningRate):0.######}")),
    ];

    /// <summary>The published name of the shape, or the shape; the width where it is not the published one, and the deformable stages.</summary>
    public static string Backbone(ResNetOptions options)
    {
        var name = Backbones.FirstOrDefault(known => Shape(known.Options) == Shape(options)).Name ?? Shape(options);
        if (options.Width != ResNetOptions.ResNet50.Width)
            name = Text($"{name}, width {options.Width}");
        return options.DeformableStages.Count == 0 ? name : Text($"{name}, deformable in {string.Join(", ", options.DeformableStages.Order().Select(stage => Text($"C{stage + 1}")))}");
    }

    private static string Shape(ResNetOptions options)
    {
        var name = $"ResNet, {options.Block} x {string.Join("-", options.Layers)}";
        return (options.Groups, options.WidthPerGroup, options.Scales) == (1, 64, 1) ? name
            : Text($"{name}, {options.Groups} x {options.WidthPerGroup} channels, {options.Scales} scales");
    }

    /// <summary>Number of weights; the running statistics of normalizations are none.</summary>
    public static long Parameters(DetectorModel model) => model.Weights.Tensors
        .Where(tensor => !tensor.Name.EndsWith(".running_mean", StringComparison.Ordinal) && !tensor.Name.EndsWith(".running_var", StringComparison.Ordinal)
            && !tensor.Name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
        .Sum(tensor => tensor.Count);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
