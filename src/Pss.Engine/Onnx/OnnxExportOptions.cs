using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>How a detector is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Inputs and outputs.</summary>
    internal OnnxSignature Signature { get; init; } = OnnxSignature.Plain;

    /// <summary>From the network's outputs to detections, inside the graph. One-to-many mode brings the NonMaxSuppression operator.</summary>
    public PostProcessingOptions PostProcessing { get; init; } = new();

    /// <summary>Width of the input in pixels; null takes the letterbox stored with the detector, rounded up to a multiple of 32.</summary>
    public int? Width { get; init; }

    /// <summary>Height of the input in pixels; null as for <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Images of a run; null leaves it to each run (in ML.NET: to a shape dictionary). 1 in <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    public int? BatchSize { get; init; } = 1;

    /// <summary>Format of weights and activations: Float32 or Float16. Inputs, scores, boxes and their decoding do not depend on it.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary><see cref="OnnxExporter.Export"/>: whether the images' sizes inside their padded inputs are an input too. Without, every image fills its input.</summary>
    public bool ImageSizes { get; init; }

    /// <summary><see cref="OnnxExporter.ExportForPipeline"/>: whether each image's input is as large as the scaled image, rounded up to multiples of 32, as it is where
    /// <see cref="Resize.ShortestEdge"/> brings images to sizes of their own; <see cref="Width"/> and <see cref="Height"/> are the largest then.</summary>
    public bool FreeSize { get; init; }

    /// <summary>Prefix of the names of inputs and outputs; null takes nothing, or "__pss." in <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    public string? NamePrefix { get; init; }

    internal string Prefix => NamePrefix ?? (Signature == OnnxSignature.Pipeline ? "__pss." : "");

    internal OnnxDimension Batch => BatchSize is { } size ? size : "batch";

    /// <summary>The input's size for a detector.</summary>
    /// <param name="stored">The rule stored with the detector.</param>
    /// <exception cref="ArgumentException">Neither the options nor the rule give a size.</exception>
    public (int Width, int Height) SizeFor(Resize stored)
    {
        if (Width is { } width && Height is { } height)
            return (width, height);
        if (FreeSize && stored is ShortestEdgeResize edge)
            return (Width ?? RoundUp(edge.Longest), Height ?? RoundUp(edge.Longest));
        if (stored is not LetterboxResize letterbox)
            throw new ArgumentException($"The detector stores no fixed size of its input ({stored}): set {nameof(Width)} and {nameof(Height)}.");
        return (Width ?? RoundUp(letterbox.Width), Height ?? RoundUp(letterbox.Height));

        static int RoundUp(int size) => (size + 31) / 32 * 32;
    }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        PostProcessing.Validate();
        Check.Within(Width ?? 32, 32, 8192, nameof(Width));
        Check.Within(Height ?? 32, 32, 8192, nameof(Height));
        Check.Within(BatchSize ?? 1, 1, 1024, nameof(BatchSize));
        Check.That(Precision != Precision.BFloat16, nameof(Precision), Precision, "Float32 or Float16");
        Check.That(!FreeSize || Signature == OnnxSignature.Pipeline, nameof(FreeSize), FreeSize, "false but in ExportForPipeline");
        if (Signature == OnnxSignature.Pipeline)
        {
            Check.That(BatchSize == 1, nameof(BatchSize), BatchSize, "1 in ExportForPipeline");
            Check.That(!ImageSizes, nameof(ImageSizes), ImageSizes, "false in ExportForPipeline, whose geometry holds the size");
        }
    }
}
