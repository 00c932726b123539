using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.MLNet.Rows;
using Pss.MLNet.Saving;
using Pss.MLNet.Scoring;

namespace Pss.MLNet;

/// <summary>A trained detector among the transformers: adds class, box and score of every detection to each row.</summary>
/// <remarks>Rows keep their order. A data view is scored in batches while the rows of the next ones are read, and images are decoded only if a
/// column of detections is asked for; a PredictionEngine scores row by row. Cursors are independent of each other and may run on several threads.
/// A row without an image, or without detections, has vectors of length 0, which leave a member of a fresh object null: initialize such
/// members (<c>= []</c>). <c>mlContext.Model.Save</c> writes a chain of ML.NET's own transformers, which any program loads that has this assembly
/// beside it: it scores on ONNX Runtime, on the loading context's device, in float32, with the same preprocessing to the pixel,
/// image by image. Dispose a loaded model: it keeps a file until then.</remarks>
public sealed class PssDetectionTransformer : ITransformer, IDisposable
{
    private readonly PssDetectionOptions _options;
    private readonly DataViewType _imageType;
    private readonly Detector _detector;
    private int _announced;

    internal PssDetectionTransformer(DetectorModel model, PssDetectionOptions options, DataViewType imageType)
    {
        (Model, _options, _imageType) = (model, options, imageType);
        using var log = new Log(options.Context);
        _detector = new Detector(model, options.Inference with { Device = log.Device(options.Inference.Device) });
    }

    /// <summary>The detector: its options, class names and weights.</summary>
    public DetectorModel Model { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    /// <summary>What the network needs of an image file.</summary>
    internal ImageDecoding Decoding => ImageDecoding.For(_detector.Resize) with { MaxPixels = _options.MaxPixels };

    internal Detector Detector
    {
        get
        {
            if (Interlocked.Exchange(ref _announced, 1) == 0)
            {
                using var log = new Log(_options.Context);
                log.Info($"Scoring on {_detector.Description}, in batches of {_options.BatchSize}.");
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
        return new DetectionView(this, input, _options.BatchSize, Mapper(input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Mapper(inputSchema);
    }

    /// <summary>Writes the detector's own file, whole or not at all: for scoring with TorchSharp, for further training, for its weights.</summary>
    public void SaveDetector(string path) => Model.Save(path);

    /// <summary>Writes the detector as an ONNX model, for ONNX Runtime in any language.</summary>
    /// <param name="path">The file; replaced if it is there, whole or not at all.</param>
    /// <param name="onnx">Inputs, outputs, size; null takes this transformer's post-processing and the size stored with the detector.</param>
    /// <exception cref="ArgumentException">An option does not fit the detector, or neither gives a fixed size.</exception>
    public void ExportToOnnx(string path, OnnxExportOptions? onnx = null)
        => OnnxExporter.ExportToFile(Model, path, onnx ?? new() { PostProcessing = _options.Inference.PostProcessing });

    void ICanSaveModel.Save(ModelSaveContext ctx) => SavedModel.Save(ctx, Model, _options, _imageType);

    /// <summary>Frees the network.</summary>
    public void Dispose() => _detector.Dispose();

    private DetectionMapper Mapper(DataViewSchema schema)
        => new(this, schema, Columns.Image(schema, _options.ImageColumn), DetectionColumns.Create(_options, Model.Classes));
}
