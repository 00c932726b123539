using Microsoft.ML;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;

namespace Pss.MLNet;

/// <summary>Columns, training and scoring of <see cref="PssDetectionEstimator"/>. The column names are those of ML.NET's own ObjectDetection.</summary>
public sealed record PssDetectionOptions
{
    /// <summary>The images: a text column of file names (relative ones from the current folder), or an image column (MLImage) of any size, as
    /// LoadImages makes it. A row whose name is empty, or whose image is null, has no detections. Files are read upright, as their EXIF orientation
    /// says, and boxes are those of the upright picture; LoadImages leaves the pixels as they are stored.</summary>
    public string ImageColumn { get; init; } = "Image";

    /// <summary>Training: the class of each object, a vector of keys as MapValueToKey makes it.</summary>
    public string LabelColumn { get; init; } = "Label";

    /// <summary>Training: x0, y0, x1, y1 of each object in pixels of the image, a vector of Single four times as long as the labels.</summary>
    public string BoundingBoxColumn { get; init; } = "BoundingBoxes";

    /// <summary>Training: a vector of Boolean, true for a region that covers a group and is not trained on. Used where the input has it.</summary>
    public string CrowdColumn { get; init; } = "IsCrowd";

    /// <summary>Result: the class of each detection, best first, a vector of keys that carries the class names.</summary>
    public string PredictedLabelColumn { get; init; } = "PredictedLabel";

    /// <summary>Result: x0, y0, x1, y1 of each detection in pixels of the image, a vector of Single.</summary>
    public string PredictedBoundingBoxColumn { get; init; } = "PredictedBoundingBoxes";

    /// <summary>Result: the confidence of each detection, from 0 to 1, a vector of Single.</summary>
    public string ScoreColumn { get; init; } = "Score";

    /// <summary>Larger files of a text column are refused: 1 to <see cref="RgbImage.MaxPixels"/> pixels. A saved model refuses those above the
    /// default.</summary>
    public int MaxPixels { get; init; } = ImageDecoding.DefaultMaxPixels;

    /// <summary>The detector for a number of classes, which the label column's keys decide. Null, here and below, takes what the recipe has:
    /// <see cref="TrainingRecipe.FineTuning"/> where <see cref="StartWeights"/> are given, else <see cref="TrainingRecipe.FromScratch"/>.</summary>
    public Func<int, DetectorOptions>? Detector { get; init; }

    /// <summary>How it is trained; null as above.</summary>
    public TrainingOptions? Training { get; init; }

    /// <summary>How training images are varied; null as above.</summary>
    public AugmentationOptions? Augmentation { get; init; }

    /// <summary>How images are brought to the network's size outside training; stored with the detector. Null as above.</summary>
    public Resize? Resize { get; init; }

    /// <summary>How the trained detector is run. Its score threshold is 0, right for metrics; for an application take about 0.3.</summary>
    public InferenceOptions Inference { get; init; } = new();

    /// <summary>Rows that are scored in one forward pass; the rows of the next three passes are read and decoded meanwhile. 1 to 1024. Where
    /// <see cref="Resize"/> gives images of different sizes, those of a pass are padded to the largest, which moves their scores a little.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Whether images without objects are trained on, as pure background; the paper leaves them out.</summary>
    public bool KeepEmptyImages { get; init; }

    /// <summary>Rows to evaluate on between epochs, with the columns of the training rows; null for none.</summary>
    public IDataView? Validation { get; init; }

    /// <summary>Weights to start from, by the network's own names; null draws new ones.</summary>
    public WeightFile? StartWeights { get; init; }

    /// <summary>Whether a training begins only if its result could be saved by <c>mlContext.Model.Save</c>, which needs ONNX Runtime's native library in
    /// the program. A program that keeps the detector's own file alone (<see cref="PssDetectionTransformer.SaveDetector"/>) takes false.</summary>
    public bool RequireSavable { get; init; } = true;

    /// <summary>Told of every optimizer step.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops reading and training.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The context whose Log is written to, and whose GpuDeviceId and FallbackToCpu hold where no device is named in
    /// <see cref="Training"/> or <see cref="Inference"/>. A catalog does not tell its context, so that it has to be given; null logs nothing.</summary>
    public MLContext? Context { get; init; }

    /// <summary>Checks every property that does not depend on the data.</summary>
    /// <exception cref="ArgumentException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        string[] outputs = [PredictedLabelColumn, PredictedBoundingBoxColumn, ScoreColumn];
        new ImageDecoding { MaxPixels = MaxPixels }.Validate();
        if (new[] { ImageColumn, LabelColumn, BoundingBoxColumn, CrowdColumn }.Concat(outputs).Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException("A column name is empty.");
        if (outputs.Distinct().Count() < outputs.Length)
            throw new ArgumentException($"Two results have one column name: {string.Join(", ", outputs)}.");
        if (BatchSize is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"{nameof(BatchSize)} must be from 1 to 1024.");
        Training?.Validate();
        Augmentation?.Validate();
        Inference.Validate();
    }
}
