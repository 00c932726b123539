using Microsoft.ML;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Saving;

/// <summary>The network on ONNX Runtime, in float32 or int8. ApplyOnnxModel saves the file's content.</summary>
internal sealed class OnnxNetwork : SavedNetwork
{
    private readonly string _file;
    private readonly bool _masks;

    public OnnxNetwork(DetectorModel model, PssDetectionOptions options)
    {
        NativeOnnxRuntime.Require(
            "The model cannot be saved by Model.Save",
            $"{nameof(PssDetectionTransformer.SaveDetector)} and {nameof(PssDetectionTransformer.ExportToOnnx)} do not need it, nor does a saved model in {nameof(PssDetectionOptions.SavedPrecision)} {nameof(Precision.BFloat16)}.");
        _masks = options.PredictedMaskColumnName is not null;
        _file = Path.Combine(options.Context?.TempFilePath ?? Path.GetTempPath(), $"pss-{Environment.ProcessId}-{Guid.NewGuid():n}.onnx");
        try
        {
            OnnxExporter.ExportForPipeline(model, _file, new()
            {
                PostProcessing = options.Scoring.PostProcessing,
                FreeSize = !model.Resize.IsLetterbox,
                CalibrationImages = options.SavedCalibration is { } rows ? CalibrationRows.Read(rows, options, model.Resize) : null,
            });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string[] OwnColumns => _masks ? [SavedColumns.Masks, SavedColumns.MaskTexts] : [];

    public override IEstimator<ITransformer> Key(TransformsCatalog transforms) => transforms.CustomMapping<EmptyInput, KeyOutput>(KeyFactory.Map, KeyFactory.Contract);

    public override IEnumerable<IEstimator<ITransformer>> Steps(TransformsCatalog transforms)
    {
        string[] results = [SavedColumns.Boxes, SavedColumns.Scores, SavedColumns.Labels];
        yield return transforms.ApplyOnnxModel(_masks ? [.. results, SavedColumns.Masks] : results, [SavedColumns.Pixels, SavedColumns.Geometry], _file);
        if (_masks)
            yield return transforms.CustomMapping<MaskPixels, MaskTexts>(MaskFactory.Map, MaskFactory.Contract);
    }

    public override void Dispose() => File.Delete(_file);
}
