using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>How a detector is exported.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Whether images come at their own sizes and the graph scales them, as the library does: the caller prepares nothing. Otherwise
    /// the caller scales them to <see cref="Width"/> x <see cref="Height"/>. See <see cref="OnnxExporter.Export"/>.</summary>
    public bool ScaleImages { get; init; } = true;

    /// <summary>From the network's outputs to detections, inside the graph. One-to-many mode brings the NonMaxSuppression operator.</summary>
    public PostProcessingOptions PostProcessing { get; init; } = new();

    /// <summary>Width of the network's input in pixels; null takes the size rule stored with the detector. With <see cref="ScaleImages"/>, width and
    /// height together replace the rule by a letterbox; otherwise a letterbox is needed, stored (rounded up to multiples of 32) or given.</summary>
    public int? Width { get; init; }

    /// <summary>Height of the network's input in pixels; null as for <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Images per run; null leaves it to each run (in ML.NET: to a shape dictionary). 1 in <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    public int? BatchSize { get; init; } = 1;

    /// <summary>Format of weights and activations: Float32 or Float16. Inputs, scores, boxes and their decoding do not depend on it.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Images of the kind that the detector will see, to export it in int8: most convolutions compute with bytes, whose scales come from what the
    /// network computes on these images, some hundred of them. Null, the default, keeps to <see cref="Precision"/>.</summary>
    public IEnumerable<RgbImage>? CalibrationImages { get; init; }

    /// <summary>Without <see cref="ScaleImages"/>: whether the sizes of the scaled images inside their padded inputs are an input too. If false, every
    /// image must fill its input: padding would be taken for a part of the image and cost accuracy.</summary>
    public bool ImageSizes { get; init; } = true;

    /// <summary><see cref="OnnxExporter.ExportForPipeline"/>: whether each image's input is as large as the scaled image, rounded up to
    /// multiples of 32, as it is where <see cref="Resize.ShortestEdge"/> brings images to sizes of their own; <see cref="Width"/> and
    /// <see cref="Height"/> are the largest then.</summary>
    public bool FreeSize { get; init; }

    /// <summary>Prefix of the names of inputs and outputs; null takes nothing, or "__pss." in <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    public string? NamePrefix { get; init; }

    internal string Prefix => NamePrefix ?? (ForPipeline ? "__pss." : "");

    /// <summary>Set by <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    internal bool ForPipeline { get; init; }

    internal OnnxSignature Signature => ForPipeline ? OnnxSignature.Pipeline
        : !ScaleImages ? OnnxSignature.Plain
        : BatchSize == 1 ? OnnxSignature.Image
        : OnnxSignature.Images;

    /// <summary>Whether the graph takes images at their own sizes and scales them.</summary>
    internal bool ScalesInside => ScaleImages && !ForPipeline;

    internal OnnxDimension Batch => BatchSize is { } size ? size : "batch";

    /// <summary>The input's size for a detector.</summary>
    /// <param name="stored">The rule stored with the detector.</param>
    /// <exception cref="ArgumentException">Neither the options nor the rule give a size.</exception>
    public (int Width, int Height) SizeFor(Resize stored)
    {
        if (Width is { } width && Height is { } height)
            return (width, height);
        if (stored is ShortestEdgeResize edge && (FreeSize || (ScalesInside && Width is null && Height is null)))
            return (Width ?? Resize.RoundUp(edge.Longest), Height ?? Resize.RoundUp(edge.Longest));
        if (stored is not LetterboxResize letterbox)
            throw new ArgumentException($"The detector stores no fixed size of its input ({stored}): set {nameof(Width)} and {nameof(Height)}.");
        return (Width ?? Resize.RoundUp(letterbox.Width), Height ?? Resize.RoundUp(letterbox.Height));
    }

    /// <summary>How a graph that takes images at their own sizes scales them.</summary>
    /// <param name="stored">The rule stored with the detector.</param>
    /// <exception cref="ArgumentException">One of width and height is set, and the stored rule does not give the other.</exception>
    internal Resize RuleFor(Resize stored)
    {
        if (Width is null && Height is null)
            return stored;
        var (width, height) = SizeFor(stored);
        return Resize.Letterbox(width, height);
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
        Check.That(Precision == Precision.Float32 || CalibrationImages is null, nameof(Precision), Precision, $"Float32 with {nameof(CalibrationImages)}");
        Check.That(!FreeSize || ForPipeline, nameof(FreeSize), FreeSize, "false but in ExportForPipeline");
        Check.That(BatchSize == 1 || !ForPipeline, nameof(BatchSize), BatchSize, "1 in ExportForPipeline");
        Check.That(ImageSizes || Signature == OnnxSignature.Plain, nameof(ImageSizes), ImageSizes, $"true unless {nameof(ScaleImages)} is false");
    }
}
