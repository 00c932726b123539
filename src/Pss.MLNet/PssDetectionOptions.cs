using Microsoft.ML;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.MLNet;

/// <summary>Columns, training and scoring of a <see cref="PssDetectionEstimator"/>. Default column names are those of ML.NET's ObjectDetection trainer.</summary>
/// <remarks>
/// What is not set comes from a recipe: <see cref="TrainingRecipe.FineTuning"/> if there are <see cref="StartWeights"/>, else
/// <see cref="TrainingRecipe.Pretrained"/> if there are ImageNet weights (<see cref="UsePretrained"/>), else <see cref="TrainingRecipe.FromScratch"/>; the last two
/// with <see cref="TrainingRecipe.WithSizeFor"/>. Options override it in this order, the later ones winning: <see cref="Epochs"/>, and
/// <see cref="ImageSize"/> or <see cref="Resize"/>; then <see cref="Detector"/>, <see cref="Training"/> and <see cref="Augmentation"/>. These three are
/// functions from the record so far to a changed one, for example <c>Training = training => training with { LearningRate = 0.02 }</c>. They are called
/// more than once per fit and must depend on their argument alone.
/// </remarks>
public sealed record PssDetectionOptions
{
    private const int MinImageSize = 32;
    private const int MaxImageSize = 4096;
    private const int MaxEpochs = 1_000_000;
    private const int MaxBatchSize = 1024;

    /// <summary>Input: a text column of image files (relative paths start at the current folder), or an image column (MLImage) of any size, as
    /// LoadImages makes it. A row with an empty path or a null image has no detections. Files are rotated by their EXIF orientation, and boxes refer to
    /// the rotated image; LoadImages ignores the orientation.</summary>
    public string ImageColumnName { get; init; } = DefaultColumns.Image;

    /// <summary>Training input: the class of each object, a vector of keys as MapValueToKey makes it.</summary>
    public string LabelColumnName { get; init; } = DefaultColumns.Label;

    /// <summary>Training input: x0, y0, x1, y1 of each object in pixels of the image, a vector of Single with 4 values per label.</summary>
    public string BoundingBoxColumnName { get; init; } = DefaultColumns.BoundingBoxes;

    /// <summary>Optional training input: a vector of Boolean with one value per label, true for a region that covers a group of objects and is ignored
    /// in training. Not used if the input has no such column.</summary>
    public string CrowdColumnName { get; init; } = DefaultColumns.IsCrowd;

    /// <summary>Optional training input of a detector with masks (<see cref="DetectorOptions.HasMasks"/>): a vector of text with one mask per label, as
    /// <see cref="PredictedMaskColumnName"/> encodes it; an empty text is an object without a mask. Not used if the input has no such column.</summary>
    public string MaskColumnName { get; init; } = DefaultColumns.Masks;

    /// <summary>Output: the class of each detection, in descending score order, a vector of keys annotated with the class names.</summary>
    public string PredictedLabelColumnName { get; init; } = DefaultColumns.PredictedLabel;

    /// <summary>Output: x0, y0, x1, y1 of each detection in pixels of the image, a vector of Single.</summary>
    public string PredictedBoundingBoxColumnName { get; init; } = DefaultColumns.PredictedBoundingBoxes;

    /// <summary>Output: the score of each detection, 0 to 1, a vector of Single. Its annotation <c>ScoreThreshold</c> (Single) holds
    /// <see cref="ScoreThreshold"/>; saved models do not carry the annotation.</summary>
    public string ScoreColumnName { get; init; } = DefaultColumns.Score;

    /// <summary>Output of a detector with masks (<see cref="DetectorOptions.HasMasks"/>): the mask of each detection, a vector of text; null for no such
    /// column. Each text is the JSON object that COCO writes, <c>{"size":[height,width],"counts":"..."}</c>, with compressed run lengths in pixels of the
    /// image: <see cref="Pss.Engine.Data.Segmentation.FromCompressed"/> and pycocotools read it.</summary>
    public string? PredictedMaskColumnName { get; init; }

    /// <summary>Detections with a lower score are left out, 0 to 1. The default suits applications; use 0 for evaluation, since a threshold lowers
    /// recall and AP. This is the only score threshold: <see cref="Inference"/> must not set another.</summary>
    public float ScoreThreshold { get; init; } = 0.3f;

    /// <summary>Rows per forward pass in scoring, 1 to 1024; the rows of the next three passes are read and decoded meanwhile. If <see cref="Resize"/>
    /// gives images of different sizes, those of a pass are padded to the largest, which changes scores slightly.</summary>
    public int ScoringBatchSize { get; init; } = 8;

    /// <summary>Passes over the training images, at least 1. The epochs at which the learning rate decays scale in proportion, and less than half of the
    /// recipe's clip gradients sooner (<see cref="TrainingRecipe.WithEpochs"/>). Null keeps the
    /// recipe's: 12 with <see cref="StartWeights"/>, else about 1,300 steps of 4 images with pretrained weights and 2,000 of 8 without, and at least 12.</summary>
    public int? Epochs { get; init; }

    /// <summary>Shorter side of the resized image in pixels, 32 to 4096, for training and detection: all sizes of the recipe scale in proportion, so
    /// that its detection size gets this shorter side. Larger images show smaller objects and take time in proportion to their area. Null keeps the
    /// recipe's: 800 with <see cref="StartWeights"/>, else 240, or more where objects are small (<see cref="TrainingRecipe.WithSizeFor"/>). Excludes <see cref="Resize"/>. A loaded detector's stored size scales likewise.</summary>
    public int? ImageSize { get; init; }

    /// <summary>The exact rule that resizes images, for training and detection; it is stored with the detector. Null resizes for detection as for the
    /// largest training size. Excludes <see cref="ImageSize"/>.</summary>
    public Resize? Resize { get; init; }

    /// <summary>Changes the recipe's detector, which has the number of classes of the label column. The result must have as many classes: derive it
    /// from the argument, or make it for <c>detector.Classes</c>, as in <c>detector => DetectorOptions.AtssPss(detector.Classes) with { Backbone = detector.Backbone }</c>.</summary>
    public Func<DetectorOptions, DetectorOptions>? Detector { get; init; }

    /// <summary>Changes the recipe's training options.</summary>
    public Func<TrainingOptions, TrainingOptions>? Training { get; init; }

    /// <summary>Changes the recipe's augmentation of training images. If <see cref="Resize"/> is null, detection follows the largest of
    /// <see cref="AugmentationOptions.Sizes"/>.</summary>
    public Func<AugmentationOptions, AugmentationOptions>? Augmentation { get; init; }

    /// <summary>Runs the trained detector. <see cref="PostProcessingOptions.ScoreThreshold"/> in it stays 0: set <see cref="ScoreThreshold"/>.
    /// <see cref="InferenceOptions.Resize"/> in it overrides the stored rule in scoring only.</summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>Largest image file of a text column in pixels, 1 to <see cref="RgbImage.MaxPixels"/>; larger ones are an error. A saved model uses the
    /// default.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>Largest temporary file for the pixels of an image column in Fit, in bytes (3 a pixel); more is an error. A column of file names needs no such
    /// file.</summary>
    public long MaxTemporaryBytes { get; init; } = 16L << 30;

    /// <summary>Whether images without objects are used in training, as background; the paper leaves them out.</summary>
    public bool KeepEmptyImages { get; init; }

    /// <summary>Rows to evaluate on between epochs, with the columns of the training rows; null for none.</summary>
    public IDataView? Validation { get; init; }

    /// <summary>Initial weights, under the network's own names; null takes pretrained ones if <see cref="UsePretrained"/> finds them, else random ones.</summary>
    public WeightFile? StartWeights { get; init; }

    /// <summary>Whether a training without <see cref="StartWeights"/> starts from the ImageNet weights of ML.NET's package
    /// Microsoft.ML.DnnImageFeaturizer.ResNet18, if the program references it and <see cref="Detector"/> does not choose another backbone.</summary>
    public bool UsePretrained { get; init; } = true;

    /// <summary>Whether Fit fails before training if <c>mlContext.Model.Save</c> could not save the result, for which it needs ONNX Runtime's native
    /// library unless <see cref="SavedPrecision"/> is BFloat16. Set it to false if only <see cref="PssDetectionTransformer.SaveDetector"/> is used.</summary>
    public bool RequireSavable { get; init; } = true;

    /// <summary>Rows whose images set the scales of a saved model in int8: <c>mlContext.Model.Save</c> then writes a network that computes most convolutions with
    /// bytes, in a third to a half of the time on a processor with instructions for them. A hundred typical images are enough, such as those of the training rows; of
    /// more, a hundred are used. The transformer itself scores in <see cref="Inference"/>'s format. Null saves the format of <see cref="SavedPrecision"/>.</summary>
    public IDataView? SavedCalibration { get; init; }

    /// <summary>The format of a saved model: Float32 (or int8, by <see cref="SavedCalibration"/>) runs on ONNX Runtime. BFloat16 runs on TorchSharp, which the program
    /// that loads the model then references instead, on the first GPU or the CPU; it is for GPUs and processors with AMX; on others it can be slower than Float32. The
    /// transformer itself scores in <see cref="Inference"/>'s format.</summary>
    public Precision SavedPrecision { get; init; } = Precision.Float32;

    /// <summary>Whether a training with <see cref="Validation"/> rows and a <see cref="TrainingOptions.OutputFolder"/> ends with the page <c>report.html</c> in
    /// that folder: metrics, curves, errors and pictures of the validation rows. It takes one more evaluation.</summary>
    public bool WriteReport { get; init; } = true;

    /// <summary>Reports every optimizer step.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Cancels Fit: the reading of rows and the training. Scoring ends when its cursor or enumerator is disposed.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>The context whose Log receives messages, and whose GpuDeviceId and FallbackToCpu apply if <see cref="Training"/> and
    /// <see cref="Inference"/> name no device. <c>mlContext.ObjectDetection()</c> sets it; for <c>mlContext.Transforms</c>, which cannot tell its context,
    /// it must be set here, else nothing is logged.</summary>
    public MLContext? Context { get; init; }

    /// <summary><see cref="Inference"/> with <see cref="ScoreThreshold"/>.</summary>
    internal InferenceOptions Scoring => Inference with
    {
        PostProcessing = Inference.PostProcessing with { ScoreThreshold = ScoreThreshold, Masks = PredictedMaskColumnName is not null },
    };

    /// <summary>The options of the short overloads.</summary>
    internal static PssDetectionOptions ForColumns(
        string image, string label, string boundingBox, string predictedLabel, string predictedBoundingBox, string score, float scoreThreshold) => new()
        {
            ImageColumnName = image,
            LabelColumnName = label,
            BoundingBoxColumnName = boundingBox,
            PredictedLabelColumnName = predictedLabel,
            PredictedBoundingBoxColumnName = predictedBoundingBox,
            ScoreColumnName = score,
            ScoreThreshold = scoreThreshold,
        };

    /// <summary>Checks every property that does not depend on the data.</summary>
    /// <exception cref="ArgumentException">A property is out of range, or two contradict each other; the message names property, value and range.</exception>
    public void Validate()
    {
        ValidateColumns();
        new ImageDecoding { MaxPixels = MaxPixels }.Validate();
        Within(nameof(ScoringBatchSize), ScoringBatchSize, 1, MaxBatchSize);
        if (MaxTemporaryBytes < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxTemporaryBytes), MaxTemporaryBytes, $"{nameof(MaxTemporaryBytes)} must be at least 1.");
        Within(nameof(Epochs), Epochs ?? 1, 1, MaxEpochs);
        Within(nameof(ImageSize), ImageSize ?? MinImageSize, MinImageSize, MaxImageSize);
        if (ImageSize is { } size && Resize is not null)
            throw new ArgumentException($"{nameof(ImageSize)} is {size} and {nameof(Resize)} is {Resize}: set only one of them.");
        if (SavedPrecision is not (Precision.Float32 or Precision.BFloat16))
            throw new ArgumentOutOfRangeException(nameof(SavedPrecision), SavedPrecision, $"{nameof(SavedPrecision)} must be {nameof(Precision.Float32)} or {nameof(Precision.BFloat16)}.");
        if (SavedPrecision == Precision.BFloat16 && SavedCalibration is not null)
            throw new ArgumentException($"{nameof(SavedPrecision)} is {nameof(Precision.BFloat16)} and {nameof(SavedCalibration)} is set, which saves int8: set only one of them.");
        if (!(ScoreThreshold is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(ScoreThreshold), ScoreThreshold, $"{nameof(ScoreThreshold)} must be from 0 to 1.");
        Inference.Validate();
        if (Inference.PostProcessing.ScoreThreshold is not 0 and var nested && nested != ScoreThreshold)
            throw new ArgumentException(FormattableString.Invariant(
                $"Inference.PostProcessing.ScoreThreshold is {nested} and {nameof(ScoreThreshold)} is {ScoreThreshold}: set {nameof(PssDetectionOptions)}.{nameof(ScoreThreshold)} only."));
    }

    /// <summary>Checks that a detector gives what the output columns ask for.</summary>
    /// <exception cref="ArgumentException">A column of masks is asked of a detector without masks.</exception>
    internal void CheckMasks(DetectorOptions detector)
    {
        if (PredictedMaskColumnName is { } column && !detector.HasMasks)
            throw new ArgumentException(
                $"{nameof(PredictedMaskColumnName)} is '{column}', but the detector predicts no masks: set {nameof(Detector)} to detector => DetectorOptions.CondInstPss(detector.Classes), or {nameof(PredictedMaskColumnName)} to null.");
    }

    private void ValidateColumns()
    {
        (string Property, string Name)[] outputs =
        [
            (nameof(PredictedLabelColumnName), PredictedLabelColumnName),
            (nameof(PredictedBoundingBoxColumnName), PredictedBoundingBoxColumnName),
            (nameof(ScoreColumnName), ScoreColumnName),
        ];
        if (PredictedMaskColumnName is { } mask)
            outputs = [.. outputs, (nameof(PredictedMaskColumnName), mask)];
        (string Property, string Name)[] inputs =
        [
            (nameof(ImageColumnName), ImageColumnName),
            (nameof(LabelColumnName), LabelColumnName),
            (nameof(BoundingBoxColumnName), BoundingBoxColumnName),
            (nameof(CrowdColumnName), CrowdColumnName),
            (nameof(MaskColumnName), MaskColumnName),
        ];
        foreach (var (property, name) in inputs.Concat(outputs))
            if (string.IsNullOrWhiteSpace(name))
                throw new ArgumentException($"{property} is '{name}': give the name of a column.");
        if (outputs.DistinctBy(output => output.Name).Count() < outputs.Length)
            throw new ArgumentException($"Output columns must have different names: {string.Join(", ", outputs.Select(output => $"{output.Property} is '{output.Name}'"))}.");
    }

    private static void Within(string property, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(property, value, $"{property} must be from {minimum} to {maximum}.");
    }
}
