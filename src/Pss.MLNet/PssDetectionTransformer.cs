using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.MLNet.Rows;
using Pss.MLNet.Saving;
using Pss.MLNet.Scoring;

namespace Pss.MLNet;

/// <summary>A trained detector: adds the classes, boxes and scores of its detections to each row.</summary>
/// <remarks>Rows keep their order. A data view is scored in batches while the next rows are read, and images are decoded only if a column of
/// detections is requested; a PredictionEngine scores row by row. Cursors are independent and may run on several threads. Rows without an image or
/// without detections have vectors of length 0, which ML.NET leaves null in a new object: initialize such members (<c>= []</c>).
/// <c>mlContext.Model.Save</c> writes a chain of ML.NET's own transformers, which loads in any program that has this assembly. It scores image by image, with
/// the same preprocessing to the pixel: in float32 or int8 (<see cref="PssDetectionOptions.SavedCalibration"/>) on ONNX Runtime, on the loading context's
/// device; dispose such a model, which keeps a temporary file until then. In bfloat16 (<see cref="PssDetectionOptions.SavedPrecision"/>) on TorchSharp, on
/// the first GPU or the CPU; such a model writes no file, and its network's memory is freed when the garbage collector finds the model, not by Dispose.</remarks>
public sealed class PssDetectionTransformer : ITransformer, IDisposable
{
    private readonly PssDetectionOptions _options;
    private readonly DataViewType _imageType;
    private readonly Detector _detector;
    private int _deviceLogged;

    internal PssDetectionTransformer(DetectorModel model, PssDetectionOptions options, DataViewType imageType)
    {
        (Model, _options, _imageType) = (model, options, imageType);
        using var log = new Log(options.Context);
        _detector = new Detector(model, options.Scoring with { Device = log.Device(options.Inference.Device) });
    }

    /// <summary>The detector: its options, class names, resize rule and weights.</summary>
    public DetectorModel Model { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <summary>How image files are decoded for the network's input size.</summary>
    internal ImageDecoding Decoding => ImageDecoding.For(_detector.Resize) with { MaxPixels = _options.MaxPixels };

    internal Detector Detector
    {
        get
        {
            if (Interlocked.Exchange(ref _deviceLogged, 1) == 0)
            {
                using var log = new Log(_options.Context);
                log.Info($"Scoring on {_detector.Description}, in batches of {_options.ScoringBatchSize}.");
            }
            return _detector;
        }
    }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => GetRowToRowMapper(inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new DetectionView(this, input, _options.ScoringBatchSize, Mapper(input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Mapper(inputSchema);
    }

    /// <summary>Writes the detector file, atomically: for scoring with TorchSharp (<see cref="ObjectDetectionCatalog.LoadPssDetector(string,
    /// PssDetectionOptions?)"/>), for further training, and for its weights.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveDetector(string path) => Model.Save(path);

    /// <summary>Writes the detector as an ONNX model, atomically, for ONNX Runtime in any language.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="onnx">Inputs, outputs, size; null uses this transformer's post-processing, its score threshold included, and takes one image at
    /// its own size. The size rule is the one that this transformer scores with.</param>
    /// <exception cref="ArgumentException">An option does not fit the detector.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void ExportToOnnx(string path, OnnxExportOptions? onnx = null)
        => OnnxExporter.ExportToFile(
            Model with { Resize = _options.Inference.Resize ?? Model.Resize }, path, onnx ?? new() { PostProcessing = _options.Scoring.PostProcessing });

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedModel.Save(ctx, Model, _options, _imageType);

    /// <summary>Frees the network.</summary>
    public void Dispose() => _detector.Dispose();

    private DetectionMapper Mapper(DataViewSchema schema)
        => new(this, schema, Columns.Image(schema, _options.ImageColumnName), DetectionColumns.Create(_options, Model.Classes));
}
