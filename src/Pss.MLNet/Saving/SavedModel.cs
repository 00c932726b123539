using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Saving;

/// <summary>
/// A detector as a chain of ML.NET's own transformers, which is the form that survives Model.Save and a plain Model.Load: our scaling as a
/// custom mapping, the network on ONNX Runtime. Only this assembly has to be deployed beside the program that loads it.
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
            throw new InvalidOperationException($"The model cannot be saved, because a class name is empty or there twice: {string.Join(", ", model.Classes)}. Name the classes apart.");
        NativeOnnxRuntime.Require("The model cannot be saved by Model.Save", $"{nameof(PssDetectionTransformer.SaveDetector)} and {nameof(PssDetectionTransformer.ExportToOnnx)} do without it.");
        var scaling = new ImageScaling(options.Inference.Resize ?? model.Resize);
        // A context of its own: the device is the loading context's choice.
        var context = new MLContext();
        var file = Path.Combine(options.Context?.TempFilePath ?? Path.GetTempPath(), $"pss-{Environment.ProcessId}-{Guid.NewGuid():n}.onnx");
        try
        {
            OnnxExporter.ExportToFile(model, file, new()
            {
                Signature = OnnxSignature.Pipeline,
                PostProcessing = options.Inference.PostProcessing,
                Width = scaling.Width,
                Height = scaling.Height,
                FreeSize = scaling.IsFree,
            });
            using var chain = new TransformerChain<ITransformer>([.. Build(context, model, options, imageType, scaling, file)]);
            ((ICanSaveModel)chain).Save(target);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Fitted one by one: a chain of estimators compares image types by reference and refuses a custom mapping of images.</summary>
    private static List<ITransformer> Build(
        MLContext context, DetectorModel model, PssDetectionOptions options, DataViewType imageType, ImageScaling scaling, string file)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(options.ImageColumn, imageType);
        IDataView view = new EmptyView(schema.ToSchema());
        var fitted = new List<ITransformer>();
        var transforms = context.Transforms;
        var sized = imageType is ImageDataViewType { Width: > 0 } image ? image : null;

        // The image of unknown size cannot be extracted, the one of known size not be bound to a custom mapping.
        if (sized is not null)
            Add(transforms.ExtractPixels(SavedColumns.Image, options.ImageColumn, interleavePixelColors: true, outputAsFloatArray: false));
        else
            Add(transforms.CopyColumns(SavedColumns.Image, options.ImageColumn));
        Add(transforms.CustomMapping<Nothing, KeyOutput>(KeyFactory.Map, KeyFactory.Contract));
        Add(transforms.Conversion.MapValue(SavedColumns.State,
            new Dictionary<int, float[]> { [0] = scaling.ToNumbers(sized?.Width ?? 0, sized?.Height ?? 0) }, SavedColumns.Key));
        if (imageType is TextDataViewType)
            Add(transforms.CustomMapping<FileInput, NetworkRow>(FileFactory.Map, FileFactory.Contract));
        else if (sized is not null)
            Add(transforms.CustomMapping<BytesInput, NetworkRow>(BytesFactory.Map, BytesFactory.Contract));
        else
            Add(transforms.CustomMapping<ImageInput, NetworkRow>(ImageFactory.Map, ImageFactory.Contract));
        Add(transforms.ApplyOnnxModel(
            [SavedColumns.Boxes, SavedColumns.Scores, SavedColumns.Labels], [SavedColumns.Pixels, SavedColumns.Geometry], file));
        var names = context.Data.LoadFromEnumerable(model.Classes.Select(name => new ClassName { Name = name }).ToArray());
        Add(transforms.Conversion.MapValueToKey(options.PredictedLabelColumn, SavedColumns.Labels, keyData: names));
        Add(transforms.CopyColumns(options.PredictedBoundingBoxColumn, SavedColumns.Boxes));
        Add(transforms.CopyColumns(options.ScoreColumn, SavedColumns.Scores));
        Add(transforms.DropColumns(SavedColumns.All));
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
