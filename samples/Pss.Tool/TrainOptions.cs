using System.CommandLine;
using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.Tool;

/// <summary>The options of a training, and how they change its recipe.</summary>
internal static class TrainOptions
{
    public static readonly Option<FileInfo?> Weights = new("--weights")
    {
        Description = "Weights to start from: a detector of this tool, which also gives the architecture, or published ones of a backbone or of torchvision's FCOS (.pth); by default the ImageNet weights that come with the tool.",
    };

    private static readonly Option<bool> FromScratch = new("--from-scratch") { Description = "Starts from random weights, which takes three times as long." };

    public static readonly Option<bool> Resume = new("--resume") { Description = "Continues from the checkpoint in the output folder, also for more epochs than before." };

    private static readonly Option<string?> Detector = Choice(
        "--detector", "Detector to train; by default fcos_pss.",
        "fcos_pss", "atss_pss", "fcos", "atss", "condinst_pss", "condinst", "vfnet_pss", "vfnet", "gfocalv2_pss", "gfocalv2", "defcn");
    private static readonly Option<string?> Backbone = Choice(
        "--backbone", "Backbone; by default that of the ImageNet weights, a ResNet-18, and r50 with published ones. One that is named starts from --weights or from random ones.",
        "r18", "r34", "r50", "r101", "x101", "r2n101");
    private static readonly Option<bool> Deformable = new("--deformable") { Description = "Deformable convolutions (DCNv2) where C3 to C5 come from." };
    private static readonly Option<int?> Channels = new("--channels") { Description = "Channels of pyramid and heads, a multiple of 32." };
    private static readonly Option<string?> Size = new("--size") { Description = "Input size, SHORTxLONG, or WIDTHxHEIGHT! for a letterbox." };
    private static readonly Option<string?> MultiScale = new("--multi-scale") { Description = "Short sides of training images, FIRST-LAST, such as 480-800; the long side stays that of --size." };
    private static readonly Option<double?> HalfSize = new("--half-size") { Description = "Share of the epochs, from the first on, that train on images of half their size; by default 0.6 from pretrained weights at short sides of 480 and more, else 0." };
    private static readonly Option<int?> Epochs = new("--epochs") { Description = "Number of epochs. Less than half of the default also clip gradients at a norm of 10 in place of 35." };
    private static readonly Option<int?> Batch = new("--batch") { Description = "Images per step." };
    private static readonly Option<int?> Pass = new("--pass") { Description = "Images per forward and backward pass, a divisor of --batch; 0 takes the largest that fits into memory." };
    private static readonly Option<string?> Format = Choice(
        "--precision", "Number format of the convolutions; by default float32 on a CPU, and what measures faster on a GPU.", "float32", "bfloat16", "float16");
    private static readonly Option<double?> Rate = new("--learning-rate") { Description = "Learning rate of the batch." };
    public static readonly Option<long> Seed = new("--seed") { Description = "Seed of all random numbers." };
    private static readonly Option<int> CheckpointEvery = new("--checkpoint-every") { Description = "Steps between checkpoints, beside the one at the end of each epoch; 0 leaves those out." };
    private static readonly Option<bool> VerticalFlip = new("--vertical-flip") { Description = "Also flips images vertically, with probability 0.5." };
    private static readonly Option<string?> Augment = Choice("--augment", "Augmentation: flips alone, also scale and color (jitter), or also mosaics (small); by default the recipe's.", "flips", "jitter", "small");
    private static readonly Option<double> RepeatThreshold = new("--repeat-threshold") { Description = "Repeats images with classes that less than this share of the images has, such as 0.01." };
    private static readonly Option<double> BackgroundRatio = new("--background-ratio") { Description = "With --keep-empty: at most so many images without objects per image with objects an epoch." };
    private static readonly Option<bool> KeepEmpty = new("--keep-empty") { Description = "Uses images without objects, as background." };
    private static readonly Option<bool> SelectorOnly = new("--selector-only") { Description = "Trains only the positive sample selector: the second of two steps (Table 3)." };
    private static readonly Option<double?> Lambda1 = new("--lambda1") { Description = "Weight of the selector's loss (Table 7)." };
    private static readonly Option<double?> Lambda2 = new("--lambda2") { Description = "Weight of the ranking loss (Table 9); 0 leaves it out." };
    private static readonly Option<double?> Alpha = new("--alpha") { Description = "Share of the overlap in the matching score (equation 3)." };
    private static readonly Option<string?> Quality = Choice("--matching", "How score and overlap combine in the matching score (Table 8).", "multiply", "add");
    private static readonly Option<string?> Stop = Choice("--stop-gradient", "What the selector's loss does not reach (Table 2).", "none", "features", "full");
    private static readonly Option<string?> Branch = Choice("--selector-branch", "The tower that the selector reads (Table 4).", "regression", "classification");
    private static readonly Option<int?> Layers = new("--selector-layers") { Description = "Hidden convolutions of the selector (Table 5)." };

    private static readonly Option<string?> Candidates = Choice(
        "--candidates", "The locations an object may be matched to: its positives, those on the level of its size, or all near its center; by default the recipe's.",
        "positives", "positivesOnLevel", "centerRegion");
    private static readonly Option<bool?> LocalMaxima = new("--local-maxima")
    {
        Description = "true or false: whether detection without NMS drops locations with a neighbor of a higher score; by default the recipe's.",
    };

    private static readonly Lazy<WeightFile?> Found = new(WeightFile.FindPretrained);

    public static IEnumerable<Option> All =>
    [
        Weights, FromScratch, Resume, Detector, Backbone, Deformable, Channels, Size, MultiScale, HalfSize, Epochs, Batch, Pass, Format, Rate, Seed, CheckpointEvery, VerticalFlip, Augment, KeepEmpty,
        BackgroundRatio, RepeatThreshold, SelectorOnly,
        Lambda1, Lambda2, Alpha, Quality, Candidates, Stop, Branch, Layers, LocalMaxima, .. OptimizationOptions.All,
    ];

    /// <summary>The recipe that the library takes for these data and weights, changed by the options.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="train">The training images.</param>
    /// <param name="folder">The output folder.</param>
    /// <param name="device">The device.</param>
    public static TrainingRecipe Recipe(ParseResult arguments, DetectionDataset train, string folder, string? device)
    {
        var classes = train.Categories.Count;
        if (arguments.GetValue(SelectorOnly) && arguments.GetValue(Weights) is null)
            throw new ArgumentException("--selector-only trains nothing but the selector: name the detector that it is for by --weights.");
        var (recipe, start) = Base(arguments, train);
        if (arguments.GetValue(Size) is { } size)
            recipe = recipe.WithResize(Common.ParseSize(size));
        // The paper's recipe stays the paper's.
        if (recipe.Detector.Matching != TrainingRecipe.FineTuning(classes).Detector.Matching)
            recipe = recipe.WithLocalMaximaFor(train);
        if (arguments.GetValue(Epochs) is { } epochs)
            recipe = recipe.WithEpochs(epochs);
        if (arguments.GetValue(MultiScale) is not null && recipe.Resize.IsLetterbox)
            throw new ArgumentException($"--multi-scale gives short sides, and the size {recipe.Resize} has none: take --size SHORTxLONG, or leave --multi-scale out.");
        if (arguments.GetValue(MultiScale) is { } range)
            recipe = recipe with { Augmentation = recipe.Augmentation with { Sizes = Range(range, recipe.Resize.Sides.Second), HalfSizeShare = 0 } };
        var training = recipe.Training with
        {
            LearningRate = arguments.GetValue(Rate) ?? recipe.Training.LearningRate,
            ReferenceBatch = arguments.GetValue(Rate) is null ? recipe.Training.ReferenceBatch : arguments.GetValue(Batch) ?? recipe.Training.NominalBatch,
            NominalBatch = arguments.GetValue(Batch) ?? recipe.Training.NominalBatch,
            BatchSize = arguments.GetValue(Pass) ?? arguments.GetValue(Batch) ?? recipe.Training.BatchSize,
            Precision = arguments.GetValue(Format) is { } format ? Enum.Parse<Precision>(format, ignoreCase: true) : null,
            Seed = arguments.GetValue(Seed),
            SelectorOnly = arguments.GetValue(SelectorOnly),
            KeepEmptyImages = arguments.GetValue(KeepEmpty),
            BackgroundRatio = arguments.GetValue(BackgroundRatio),
            RepeatThreshold = arguments.GetValue(RepeatThreshold),
            OutputFolder = folder,
            CheckpointEvery = arguments.GetValue(CheckpointEvery),
            Resume = arguments.GetValue(Resume),
            Device = device,
        };
        training = OptimizationOptions.Apply(arguments, training, arguments.GetValue(Rate) is not null);
        return recipe with
        {
            Detector = Paper(arguments, start is not null ? Given(arguments, start, recipe.Detector) with { Classes = classes } : Architecture(arguments, recipe.Detector, classes)),
            Training = training,
            Augmentation = Augmentation(arguments, recipe.Augmentation, training.Schedule.Epochs) with
            {
                VerticalFlip = arguments.GetValue(VerticalFlip) ? 0.5 : recipe.Augmentation.VerticalFlip,
                HalfSizeShare = arguments.GetValue(HalfSize) ?? recipe.Augmentation.HalfSizeShare,
            },
        };
    }

    private static AugmentationOptions Augmentation(ParseResult arguments, AugmentationOptions recipe, int epochs) => arguments.GetValue(Augment) switch
    {
        "flips" => new() { Sizes = recipe.Sizes },
        "jitter" => AugmentationOptions.Jitter(recipe.Sizes),
        "small" => AugmentationOptions.SmallData(recipe.Sizes, epochs),
        _ => recipe,
    };

    /// <summary>The weights to start from, without layers of other classes; says which those are. Null where a checkpoint or random weights take their place.</summary>
    public static WeightFile? Start(ParseResult arguments, IReadOnlyList<string> classes)
    {
        if (arguments.GetValue(Resume))
            return null;
        Console.Error.WriteLine($"Starts from {StartName(arguments)}.");
        if (arguments.GetValue(Weights) is not { } file)
            return Pretrained(arguments);
        var weights = WeightFile.Read(file.FullName);
        // A checkpoint's weights are without the optimizer's state then.
        var model = IsDetector(weights) ? DetectorModel.Load(file.FullName) : null;
        weights = model is null ? weights.ForClasses(classes.Count, out var dropped) : model.WeightsFor(classes, out dropped);
        if (dropped.Count == 0)
            return weights;
        var difference = model is null ? "is of another number of classes" : Difference(model.Classes, classes);
        if (arguments.GetValue(SelectorOnly))
            throw new ArgumentException($"{file.Name} {difference}: --selector-only trains nothing but the selector, so that the classes must be the same, in the same order.");
        Console.Error.WriteLine($"{file.Name} {difference}; drawn anew: {string.Join(", ", dropped)}");
        return weights;
    }

    /// <summary>How the classes of a detector differ from those of the data.</summary>
    private static string Difference(IReadOnlyList<string> detector, IReadOnlyList<string> data)
    {
        const int Shown = 5;
        var (lacks, more) = (data.Except(detector).ToArray(), detector.Except(data).ToArray());
        string[] parts = [.. lacks.Length > 0 ? [$"lacks {Names(lacks)}"] : Array.Empty<string>(), .. more.Length > 0 ? [$"has {Names(more)}, which the data lack"] : Array.Empty<string>()];
        return parts.Length == 0 ? "has the classes in another order" : string.Join(", and ", parts);

        static string Names(string[] names) => string.Join(", ", names.Take(Shown)) + (names.Length > Shown ? $" and {names.Length - Shown} more classes" : "");
    }

    /// <summary>What the training starts from, in words.</summary>
    public static string StartName(ParseResult arguments)
        => arguments.GetValue(Weights)?.Name ?? (Pretrained(arguments) is null ? "random weights" : $"the ImageNet weights of {WeightFile.PretrainedPackage}");

    private static WeightFile? Pretrained(ParseResult arguments)
        => arguments.GetValue(FromScratch) || arguments.GetValue(Backbone) is not null ? null : Found.Value;

    private static bool IsDetector(WeightFile file) => file.Metadata.GetValueOrDefault("format") == "pss-detector";

    /// <summary>Whether weights are of <see cref="ResNetOptions.PretrainedResNet18"/>: three blocks in the last stage, two in the others.</summary>
    private static bool IsOfMLNet(WeightFile file) => Has(file, "stage4.2") && !Has(file, "stage1.2") && !Has(file, "stage4.0.branch.2");

    private static bool Has(WeightFile file, string block) => file.Names.Any(name => name.StartsWith($"backbone.{block}.", StringComparison.Ordinal));

    /// <summary>The recipe by the weights, and the architecture of a detector to start from.</summary>
    private static (TrainingRecipe Recipe, DetectorOptions? Start) Base(ParseResult arguments, DetectionDataset train)
    {
        var (classes, images) = (train.Categories.Count, train.Images.Count);
        if (arguments.GetValue(Weights) is not { } file)
            return ((Pretrained(arguments) is null ? TrainingRecipe.FromScratch(classes, images) : TrainingRecipe.Pretrained(classes, images)).WithSizeFor(train), null);
        if (arguments.GetValue(FromScratch))
            throw new ArgumentException($"{FromScratch.Name} contradicts {Weights.Name}: leave one of them out.");
        var weights = WeightFile.Read(file.FullName);
        if (!IsDetector(weights) && !IsOfMLNet(weights))
            return (TrainingRecipe.FineTuning(classes), null);
        if (!IsDetector(weights) && arguments.GetValue(Backbone) is { } named)
            throw new ArgumentException($"{Backbone.Name} {named} contradicts --weights {file.Name}, which is of ML.NET's ResNet-18: leave one of them out.");
        if (!IsDetector(weights))
            return (TrainingRecipe.Pretrained(classes, images).WithSizeFor(train), null);
        foreach (var option in (Option[])[Detector, Backbone, Deformable, Channels])
            if (arguments.GetResult(option) is { Implicit: false })
                throw new ArgumentException($"{option.Name} contradicts --weights {file.Name}, which is a detector and gives its own architecture: leave one of them out.");
        var model = DetectorModel.Load(file.FullName);
        var recipe = TrainingRecipe.FromScratch(classes, images);
        return (recipe.WithResize(model.Resize), model.Options);
    }

    private static DetectorOptions Architecture(ParseResult arguments, DetectorOptions recipe, int classes)
    {
        DetectorOptions detector = arguments.GetValue(Detector) switch
        {
            "fcos" => DetectorOptions.Fcos(classes),
            "atss" => DetectorOptions.Atss(classes),
            "vfnet" => DetectorOptions.Vfnet(classes),
            "vfnet_pss" => DetectorOptions.VfnetPss(classes),
            "gfocalv2" => DetectorOptions.GfocalV2(classes),
            "gfocalv2_pss" => DetectorOptions.GfocalV2Pss(classes),
            "defcn" => DetectorOptions.Defcn(classes),
            "condinst" => DetectorOptions.CondInst(classes),
            "condinst_pss" => DetectorOptions.CondInstPss(classes),
            "atss_pss" => DetectorOptions.AtssPss(classes),
            _ => DetectorOptions.FcosPss(classes),
        };
        ResNetOptions? backbone = arguments.GetValue(Backbone) switch
        {
            "r18" => ResNetOptions.ResNet18,
            "r34" => ResNetOptions.ResNet34,
            "r50" => ResNetOptions.ResNet50,
            "r101" => ResNetOptions.ResNet101,
            "x101" => ResNetOptions.ResNeXt101,
            "r2n101" => ResNetOptions.Res2Net101,
            _ => null,
        };
        backbone = backbone is null ? recipe.Backbone : arguments.GetValue(Weights) is null ? backbone.FromScratch() : backbone;
        return detector with
        {
            Backbone = arguments.GetValue(Deformable) ? backbone with { DeformableStages = [2, 3, 4] } : backbone,
            Pyramid = detector.Pyramid with { Channels = arguments.GetValue(Channels) ?? recipe.Pyramid.Channels },
            Selector = detector.Selector is null ? null : recipe.Selector,
            Matching = detector.Selector is null ? detector.Matching : recipe.Matching,
        };
    }

    /// <summary>A detector to start from; a base detector is given the recipe's selector by the second of two steps.</summary>
    private static DetectorOptions Given(ParseResult arguments, DetectorOptions detector, DetectorOptions recipe) => detector.Selector is null && arguments.GetValue(SelectorOnly)
        ? detector with { Selector = recipe.Selector, Matching = recipe.Matching }
        : detector;

    /// <summary>The paper's switches.</summary>
    private static DetectorOptions Paper(ParseResult arguments, DetectorOptions detector)
    {
        detector = detector with
        {
            Losses = detector.Losses with
            {
                SelectorWeight = arguments.GetValue(Lambda1) ?? detector.Losses.SelectorWeight,
                RankingWeight = arguments.GetValue(Lambda2) ?? detector.Losses.RankingWeight,
            },
            Matching = detector.Matching with
            {
                Alpha = arguments.GetValue(Alpha) ?? detector.Matching.Alpha,
                Quality = Parse(arguments, Quality, detector.Matching.Quality),
                Candidates = Parse(arguments, Candidates, detector.Matching.Candidates),
            },
        };
        if (detector.Selector is not { } selector)
        {
            foreach (var option in (Option[])[Lambda1, Lambda2, Alpha, Quality, Candidates, Stop, Branch, Layers, LocalMaxima, OptimizationOptions.SelectorRate])
                if (arguments.GetResult(option) is { Implicit: false })
                    throw new ArgumentException($"{option.Name} is about the positive sample selector, which this detector has not: leave it out, or take a detector with a selector by --detector.");
            return detector;
        }
        return detector with
        {
            Selector = selector with
            {
                StopGradient = Parse(arguments, Stop, selector.StopGradient),
                Input = Parse(arguments, Branch, selector.Input),
                HiddenConvolutions = arguments.GetValue(Layers) ?? selector.HiddenConvolutions,
                LocalMaxima = arguments.GetValue(LocalMaxima) ?? selector.LocalMaxima,
            },
        };
    }

    private static IReadOnlyList<Resize> Range(string text, int longest)
        => text.Split('-') is [var first, var last] && int.TryParse(first, out var from) && int.TryParse(last, out var to) && from >= 1 && to >= from
            ? Resize.ShortestEdges(from, to, step: 32, longest: Math.Max(to, longest))
            : throw new ArgumentException($"--multi-scale '{text}' is not FIRST-LAST, such as 480-800.");

    private static T Parse<T>(ParseResult arguments, Option<string?> option, T otherwise)
        where T : struct, Enum
        => arguments.GetValue(option) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : otherwise;

    internal static Option<string?> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
