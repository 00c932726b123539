using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Inference;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Saving;

/// <summary>
/// Saves a detector as a chain of ML.NET's own transformers, which is what Model.Load can load without registration: resizing as a custom mapping, and
/// the network on ONNX Runtime, or on TorchSharp as another custom mapping. The program that loads it needs only this assembly and that runtime. The chain
/// cannot annotate the score column with its threshold.
/// </summary>
internal static class SavedModel
{
    private sealed class ClassName
    {
        public string Name { get; set; } = "";
    }

    public static void Save(ModelSaveContext target, DetectorModel model, PssDetectionOptions options, DataViewType imageType)
    {
        if (model.Classes.Any(string.IsNullOrWhiteSpace) || model.Classes.Distinct().Count() < model.Classes.Count)
            throw new InvalidOperationException($"The model cannot be saved, because class names are empty or not unique: {string.Join(", ", model.Classes)}. Rename the classes.");
        var scaling = new ImageScaling(options.Inference.Resize ?? model.Resize);
        using var network = SavedNetwork.Create(model with { Resize = scaling.Rule }, options);
        // A new context: the device is not saved, but chosen where the model is loaded.
        using var chain = new TransformerChain<ITransformer>([.. Build(new(), model, options, imageType, scaling, network)]);
        ((ICanSaveModel)chain).Save(target);
    }

    /// <summary>Fits the estimators one by one: EstimatorChain compares image types by reference and rejects a custom mapping of images.</summary>
    private static List<ITransformer> Build(
        MLContext context, DetectorModel model, PssDetectionOptions options, DataViewType imageType, ImageScaling scaling, SavedNetwork network)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(options.ImageColumnName, imageType);
        IDataView view = new EmptyView(schema.ToSchema());
        var fitted = new List<ITransformer>();
        var transforms = context.Transforms;
        var sized = imageType is ImageDataViewType { Width: > 0 } image ? image : null;

        // ExtractPixels requires a fixed size, and a custom mapping cannot bind images of fixed size.
        if (sized is not null)
            Add(transforms.ExtractPixels(SavedColumns.Image, options.ImageColumnName, interleavePixelColors: true, outputAsFloatArray: false));
        else
            Add(transforms.CopyColumns(SavedColumns.Image, options.ImageColumnName));
        Add(network.Key(transforms));
        Add(transforms.Conversion.MapValue(SavedColumns.State,
            new Dictionary<int, float[]> { [0] = scaling.ToNumbers(sized?.Width ?? 0, sized?.Height ?? 0) }, SavedColumns.Key));
        if (imageType is TextDataViewType)
            Add(transforms.CustomMapping<FileInput, NetworkRow>(FileFactory.Map, FileFactory.Contract));
        else if (sized is not null)
            Add(transforms.CustomMapping<BytesInput, NetworkRow>(BytesFactory.Map, BytesFactory.Contract));
        else
            Add(transforms.CustomMapping<ImageInput, NetworkRow>(ImageFactory.Map, ImageFactory.Contract));
        foreach (var step in network.Steps(transforms))
            Add(step);
        var names = context.Data.LoadFromEnumerable(model.Classes.Select(name => new ClassName { Name = name }).ToArray());
        Add(transforms.Conversion.MapValueToKey(options.PredictedLabelColumnName, SavedColumns.Labels, keyData: names));
        Add(transforms.CopyColumns(options.PredictedBoundingBoxColumnName, SavedColumns.Boxes));
        Add(transforms.CopyColumns(options.ScoreColumnName, SavedColumns.Scores));
        if (options.PredictedMaskColumnName is { } masks)
            Add(transforms.CopyColumns(masks, SavedColumns.MaskTexts));
        Add(transforms.DropColumns([.. SavedColumns.All, .. network.OwnColumns]));
        return fitted;

        void Add<T>(IEstimator<T> estimator)
            where T : class, ITransformer
        {
            var transformer = estimator.Fit(view);
            fitted.Add(transformer);
            view = transformer.Transform(view);
        }
    }
}
