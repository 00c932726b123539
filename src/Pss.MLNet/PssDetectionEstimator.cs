using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.MLNet.Rows;
using Pss.MLNet.Saving;
using Pss.MLNet.Scoring;

namespace Pss.MLNet;

/// <summary>Trains FCOS_PSS on the rows of any data view, or wraps a detector that is trained already.</summary>
/// <remarks>The rows are read once. Where the image column holds file names, and for rows of <c>mlContext.Data.LoadFromCoco</c> and its like, given
/// as they are, images are read from their files, epoch by epoch; the decoded images of other rows go to a temporary file of 3 bytes a pixel,
/// deleted with the fit. Up to 256 MB of decoded images stay in memory either way.</remarks>
public sealed class PssDetectionEstimator : IEstimator<PssDetectionTransformer>
{
    private const long CacheBytes = 256L << 20;
    private readonly PssDetectionOptions _options;
    private readonly DetectorModel? _trained;

    /// <summary>An estimator that trains.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PssDetectionEstimator(PssDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>An estimator whose fit trains nothing.</summary>
    /// <param name="model">The trained detector.</param>
    /// <param name="options">Columns and scoring.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PssDetectionEstimator(DetectorModel model, PssDetectionOptions options) : this(options)
    {
        ArgumentNullException.ThrowIfNull(model);
        _trained = model;
    }

    /// <summary>Trains on the rows, in an order drawn by the training's seed.</summary>
    /// <exception cref="InvalidOperationException">libtorch does not load (<see cref="TorchRuntimeException"/>), or ONNX Runtime does not and
    /// <see cref="PssDetectionOptions.RequireSavable"/> asks for it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it and both types.</exception>
    /// <exception cref="InvalidDataException">A row cannot be used; the message names row, column and path.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    /// <exception cref="DivergedException">A loss is not finite.</exception>
    public PssDetectionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var image = Columns.Image(input.Schema, _options.ImageColumn);
        return new(_trained ?? Train(input), _options, image.Type);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.CheckImage(inputSchema, _options.ImageColumn);
        if (_trained is null)
        {
            Columns.CheckVector(inputSchema, _options.LabelColumn, NumberDataViewType.UInt32, isKey: true);
            Columns.CheckVector(inputSchema, _options.BoundingBoxColumn, NumberDataViewType.Single, isKey: false);
        }
        // How many classes there are shows in the fit; their number is no part of a shape.
        var added = Columns.Shape(DetectionColumns.Create(_options, _trained?.Classes ?? ["?"]));
        var names = added.Select(column => column.Name).ToHashSet();
        return new(inputSchema.Where(column => !names.Contains(column.Name)).Concat(added));
    }

    private DetectorModel Train(IDataView input)
    {
        // Before any row is read: the reading may take long, the training days.
        TorchRuntime.Require();
        if (_options.RequireSavable)
            NativeOnnxRuntime.Require("A trained model could not be saved by Model.Save", $"To train all the same set {nameof(PssDetectionOptions)}.{nameof(_options.RequireSavable)} to false and keep the detector's own file by {nameof(PssDetectionTransformer.SaveDetector)}.");
        using var log = new Log(_options.Context);
        using var rows = TrainingRows.Read(input, _options, classes: null, log);
        using var held = _options.Validation is { } view ? TrainingRows.Read(view, _options, rows.Classes, log) : null;
        var (classes, images) = (rows.Classes.Count, rows.Dataset.Images.Count);
        var recipe = _options.StartWeights is null ? TrainingRecipe.FromScratch(classes, images) : TrainingRecipe.FineTuning(classes);
        var training = _options.Training ?? recipe.Training;
        log.Info($"Training on {images} images with {rows.Dataset.ObjectCount} objects of {classes} classes, {training.Schedule.Epochs} epochs.");
        var (augmentation, resize) = (_options.Augmentation ?? recipe.Augmentation, _options.Resize ?? recipe.Resize);
        var trainer = new DetectorTrainer(
            _options.Detector?.Invoke(classes) ?? recipe.Detector, training with { Device = log.Device(training.Device) }, augmentation, resize);
        var load = held?.Loader(ImageDecoding.For(resize));
        return trainer.Train(
            new DatasetSampleSource(rows.Dataset, _options.KeepEmptyImages, CacheBytes, rows.Loader(augmentation.Decoding)), rows.Classes,
            held is null ? null : new ValidationSet(held.Dataset, i => load!(held.Dataset.Images[i])), _options.StartWeights,
            new Reporter(log, _options.Progress), _options.Cancellation);
    }

    private sealed class Reporter(Log log, IProgress<TrainingProgress>? next) : IProgress<TrainingProgress>
    {
        private const int Every = 50;

        public void Report(TrainingProgress value)
        {
            if (value.Step % Every == 1 || value.Evaluation is not null || value.Step == value.Steps)
                log.Info(Line(value));
            next?.Report(value);
        }

        private static string Line(TrainingProgress value) => FormattableString.Invariant(
            $"epoch {value.Epoch + 1}/{value.Epochs}, step {value.Step}/{value.Steps}, loss {value.Losses["total"]:f4}, rate {value.LearningRate:g3}, {value.ImagesPerSecond:f1} images/s, {value.TimeLeft:hh\\:mm\\:ss} left")
            + (value.Evaluation is { } found ? FormattableString.Invariant($", AP {found.EndToEndAp ?? found.OneToManyAp:f4}, AP50 {found.EndToEndAp50 ?? found.OneToManyAp50:f4}") : "");
    }
}
