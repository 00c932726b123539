using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Distributed;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Trains a detector: batch, network, losses, gradient, step; checkpoint and evaluation between. On a CPU the same seed gives the same
/// weights to the last bit, stopped and resumed or not.
/// </summary>
/// <param name="detector">What is trained.</param>
/// <param name="training">How.</param>
/// <param name="augmentation">How training images are varied.</param>
/// <param name="evaluationSize">How images are brought to the network's size outside training; stored with the detector.</param>
public sealed class DetectorTrainer(DetectorOptions detector, TrainingOptions training, AugmentationOptions augmentation, Resize evaluationSize)
{
    private const string LoneImage = "The backbone's batch normalizations train on batches of a single image, whose statistics are poor: "
        + "raise BatchSize to 2 or more, 8 where memory allows, or take a backbone with frozen or group normalization.";

    private const string LoneImages = "The backbone's batch normalizations train on a single image per process, whose statistics are poor: "
        + "raise BatchSize to twice the number of processes or more, or take a backbone with frozen or group normalization.";

    /// <summary>The processes that train together; null for this one alone. They share the images of each pass: all options keep their meaning, and the weights
    /// are those of one process, but for rounding and for batch normalization, which sees the images of its own process only. Every process calls
    /// <see cref="Train(DetectionDataset, DetectionDataset?, WeightFile?, IProgress{TrainingProgress}?, CancellationToken)"/> with the same arguments and returns
    /// the same detector. Process 0 reports and writes <see cref="TrainingOptions.OutputFolder"/>, which all machines must see. A fault of one process ends all
    /// of them, see <see cref="Communicator.Abort"/>.</summary>
    public Communicator? Communicator { get; init; }

    /// <summary>Whether gradients travel between processes as bfloat16, in half of the bytes, rounded at each step around the ring of processes.</summary>
    public bool RoundGradients { get; init; }

    /// <summary>Trains from new weights or from given ones.</summary>
    /// <param name="images">The training images; their categories are the detector's classes. As in the paper's recipe, crowds, objects outside their image
    /// or less than a pixel wide or high, and images with a side of less than 32 pixels take no part.</param>
    /// <param name="validation">Images to evaluate on between epochs, with the same categories; null for none.</param>
    /// <param name="start">Weights to start from, by the network's own names (see <see cref="WeightFile.Rename"/>); null draws new ones. Pyramid,
    /// selector, each tower and predictor of the head, and the offsets of deformable convolutions may be absent as a whole and are drawn then, so that a
    /// backbone can be given heads, a base detector a selector, and a detector other classes.</param>
    /// <param name="progress">Told of every optimizer step.</param>
    /// <param name="cancellationToken">Stops after the step in work; with an output folder a checkpoint is written first.</param>
    /// <exception cref="ArgumentException">No image is left to train on, an image has no path, the numbers or names of classes differ, a name of
    /// <see cref="TrainingOptions.LayerRateFactors"/> fits no layer, or <see cref="TrainingOptions.ReturnBest"/> or <see cref="TrainingOptions.Patience"/> are set
    /// without validation images.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    /// <exception cref="DivergedException">A loss or the gradient is not finite.</exception>
    /// <exception cref="InvalidDataException">A training image cannot be loaded, or its objects are wrong; the message names it.</exception>
    /// <exception cref="WeightFileException">The weights to start from are those of another network.</exception>
    /// <exception cref="OperationCanceledException">Canceled; the message names the checkpoint.</exception>
    /// <exception cref="InvalidOperationException">The checkpoint to resume from belongs to another training.</exception>
    /// <exception cref="FileNotFoundException">The best epoch of the training to resume is to be returned, but its file is missing.</exception>
    public DetectorModel Train(
        DetectionDataset images, DetectionDataset? validation = null, WeightFile? start = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var source = new DatasetSampleSource(images, training.KeepEmptyImages, training.CacheBytes, augmentation, detector.HasMasks);
        return Train(source, [.. images.Categories.Select(category => category.Name)], validation, start, progress, cancellationToken);
    }

    /// <summary>What the training uses of a dataset, what it leaves out for which reason, and what the detector can lose of it: a line for each.</summary>
    /// <param name="images">The training images.</param>
    public IReadOnlyList<string> Account(DetectionDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return
        [
            .. new TrainingSelection(images, training.KeepEmptyImages).Account(detector.HasMasks, training.BackgroundRatio),
            .. IsLone && detector.Backbone.Normalization == Normalization.BatchNorm && !training.SelectorOnly
                ? [training.BatchSize == 1 ? LoneImage : LoneImages] : Array.Empty<string>(),
            .. augmentation.HalfSizeEpochs(training.Schedule.Epochs) is > 0 and var halved
                ? [$"Images have half their size in the first {halved} of {training.Schedule.Epochs} epochs (HalfSizeShare)."] : Array.Empty<string>(),
            .. detector.Selector is { } selector ? [NeighboringObjects.Account(images, evaluationSize, selector.LocalMaxima)] : Array.Empty<string>(),
        ];
    }

    /// <summary>Trains on samples of any source.</summary>
    internal DetectorModel Train(
        ISampleSource source, IReadOnlyList<string> classes, DetectionDataset? validation = null, WeightFile? start = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        detector.Validate();
        training.Validate();
        if (classes.Count != detector.Classes)
            throw new ArgumentException($"There are {classes.Count} class names for {detector.Classes} classes.", nameof(classes));
        validation?.CheckClasses(classes);
        validation?.RequireImages();
        if (training.NeedsEvaluations && validation?.Images.Any(image => image.Objects.Any(item => !item.IsCrowd)) != true)
            throw new ArgumentException("ReturnBest and Patience compare the AP of epochs: give validation images with objects, or set neither.", nameof(validation));
        TorchRuntime.Require();
        using var scope = NewDisposeScope();
        using var processes = new DataParallel(Communicator, RoundGradients);
        try
        {
            using var run = new TrainingRun(detector, training, augmentation, evaluationSize, source, classes, validation, start, progress, processes);
            return run.Run(cancellationToken);
        }
        catch (Exception fault) when (Communicator is not null && fault is not (OperationCanceledException or DivergedException))
        {
            // The other processes would wait for this one forever.
            Communicator.Abort(fault.Message);
            throw;
        }
    }

    private bool IsLone => training.BatchSize > 0 && training.BatchSize <= (Communicator?.Size ?? 1);
}
