using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine;
using Pss.Engine.Backbones;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.MLNet.Rows;
using Pss.MLNet.Saving;
using Pss.MLNet.Scoring;

namespace Pss.MLNet;

/// <summary>Trains FCOS_PSS on the rows of a data view, or scores with a trained detector; made by <see cref="ObjectDetectionCatalog"/>.</summary>
/// <remarks>Training reads the rows once. Images of a text column, and of a view of <c>mlContext.Data.LoadFromCoco</c> and its like without
/// transforms in between, are decoded from their files in every epoch; other decoded images go to a temporary file of 3 bytes per pixel, which is
/// deleted at the end of Fit. Up to 256 MB of decoded images stay in memory either way.</remarks>
public sealed class PssDetectionEstimator : IEstimator<PssDetectionTransformer>
{
    private readonly PssDetectionOptions _options;
    private readonly DetectorModel? _trained;

    internal PssDetectionEstimator(PssDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    internal PssDetectionEstimator(DetectorModel trained, PssDetectionOptions options)
        : this(options)
    {
        ArgumentNullException.ThrowIfNull(trained);
        options.CheckMasks(trained.Options);
        _trained = trained with { Resize = options.ToResize(trained.Resize) };
    }

    /// <summary>Trains on the rows, in an order drawn from the training's seed. A loaded detector is not trained; only its image column is checked.</summary>
    /// <param name="input">The training rows.</param>
    /// <exception cref="InvalidOperationException">libtorch does not load (<see cref="TorchRuntimeException"/>), or ONNX Runtime does not and
    /// <see cref="PssDetectionOptions.RequireSavable"/> is true and <see cref="PssDetectionOptions.SavedPrecision"/> Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type; the message names it and both types.</exception>
    /// <exception cref="ArgumentException">The result of a function of the options is invalid; the message names the property.</exception>
    /// <exception cref="InvalidDataException">A row is invalid; the message names row, column and path.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    /// <exception cref="DivergedException">A loss is not finite.</exception>
    public PssDetectionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var image = Columns.Image(input.Schema, _options.ImageColumnName);
        // Needed after the training only, and then too late to be mended.
        if (_options.SavedCalibration is { } calibration)
            Columns.Image(calibration.Schema, _options.ImageColumnName);
        return new(_trained ?? Train(input), _options, image.Type);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.CheckImage(inputSchema, _options.ImageColumnName);
        if (_trained is null)
        {
            Columns.CheckVector(inputSchema, _options.LabelColumnName, NumberDataViewType.UInt32, isKey: true);
            Columns.CheckVector(inputSchema, _options.BoundingBoxColumnName, NumberDataViewType.Single, isKey: false);
        }
        // The number of classes is known after Fit only; a schema shape does not contain it.
        var added = Columns.Shape(DetectionColumns.Create(_options, _trained?.Classes ?? ["?"]));
        var names = added.Select(column => column.Name).ToHashSet();
        return new(inputSchema.Where(column => !names.Contains(column.Name)).Concat(added));
    }

    private DetectorModel Train(IDataView input)
    {
        // Checked before any row is read: reading may take minutes, training days.
        TorchRuntime.Require();
        if (_options is { RequireSavable: true, SavedPrecision: Precision.Float32 })
            NativeOnnxRuntime.Require(
                "Model.Save could not save the trained model",
                $"To train anyway, set {nameof(PssDetectionOptions)}.{nameof(_options.RequireSavable)} to false and use {nameof(PssDetectionTransformer.SaveDetector)}.");
        var classes = Columns.ClassNames(Columns.Labels(input.Schema, _options.LabelColumnName));
        var pretrained = _options is { StartWeights: null, UsePretrained: true } ? WeightFile.FindPretrained() : null;
        var detector = _options.ToRecipe(classes.Count, pretrained, images: null).Recipe.Detector;
        _options.CheckMasks(detector);

        using var log = new Log(_options.Context);
        using var rows = TrainingRows.Read(input, _options, classes, detector.HasMasks, log);
        using var validation = _options.Validation is { } view ? TrainingRows.Read(view, _options, classes, detector.HasMasks, log) : null;
        var (recipe, start) = _options.ToRecipe(classes.Count, pretrained, rows.Dataset);
        var training = recipe.Training with { Device = log.Device(recipe.Training.Device), KeepEmptyImages = recipe.Training.KeepEmptyImages || _options.KeepEmptyImages };
        var trainer = new DetectorTrainer(recipe.Detector, training, recipe.Augmentation, recipe.Resize);
        log.Info($"Training on {classes.Count} classes in {recipe.Training.Schedule.Epochs} epochs, at an image size of {recipe.Resize}.");
        log.Info(training.FindCheckpoint() is { } checkpoint ? $"Goes on from {checkpoint}." : Start(start, pretrained));
        if (start is null && recipe.Detector.Backbone.FrozenStages > 0)
            log.Warning($"{recipe.Detector.Backbone.FrozenStages} stages of the backbone are frozen, and stay random: set Backbone to one made by {nameof(ResNetOptions.FromScratch)}(), or give {nameof(PssDetectionOptions.StartWeights)}.");
        foreach (var line in rows.Dataset.Account().Concat(trainer.Account(rows.Dataset)))
            log.Info(line);
        var model = trainer.Train(
            rows.Dataset, validation?.Dataset, start, new ProgressLog(log, _options.Progress), _options.CancellationToken);
        if (_options.WriteReport && validation is not null && training.OutputFolder is { } folder)
            TrainingReport.Save(model, recipe with { Training = training }, folder, validation.Dataset, log, _options.CancellationToken);
        return model;
    }

    /// <summary>What the training starts from, in words.</summary>
    private string Start(WeightFile? start, WeightFile? pretrained) => start switch
    {
        _ when start is not null => start == pretrained
            ? $"Starts from the ImageNet weights of the package {WeightFile.PretrainedPackage}."
            : $"Starts from the weights of {nameof(PssDetectionOptions.StartWeights)}.",
        _ when pretrained is not null => "Starts from random weights: the ImageNet weights of the package are for another backbone.",
        _ when _options.UsePretrained => $"Starts from random weights: with the package {WeightFile.PretrainedPackage} it would start from ImageNet weights, which takes a third of the time.",
        _ => $"Starts from random weights, as {nameof(PssDetectionOptions.UsePretrained)} is false.",
    };
}
