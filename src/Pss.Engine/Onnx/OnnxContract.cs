using System.Globalization;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Onnx;

/// <summary>What a caller of an exported detector must know, as metadata of its file.</summary>
internal static class OnnxContract
{
    /// <summary>The version of the metadata; it grows when a key changes its meaning.</summary>
    private const string Version = "2";

    /// <summary>Adds the metadata.</summary>
    /// <param name="graph">The graph, with all of its inputs and outputs.</param>
    /// <param name="model">The detector.</param>
    /// <param name="options">How it is exported.</param>
    /// <param name="mode">Its branch.</param>
    /// <param name="size">The size of the network's input.</param>
    public static void Write(OnnxGraph graph, DetectorModel model, OnnxExportOptions options, DetectionMode mode, InputSize size)
    {
        graph.AddMetadata("format", "pss-detector");
        graph.AddMetadata("version", Version);
        graph.AddMetadata("classes", OptionsJson.Write(model.Classes));
        graph.AddMetadata("signature", options.Signature.ToString());
        graph.AddMetadata("inputs", Values(graph.Inputs, options));
        graph.AddMetadata("outputs", Values(graph.Outputs, options));
        graph.AddMetadata("layout", options.Signature switch
        {
            OnnxSignature.Image => "HWC",
            OnnxSignature.Images => "NHWC",
            OnnxSignature.Plain => "NCHW",
            _ => "CHW, flattened",
        });
        graph.AddMetadata("channels", "RGB");
        graph.AddMetadata("range", "0 to 255; normalized inside the graph");
        graph.AddMetadata("orientation", "upright: apply the EXIF orientation first");
        graph.AddMetadata("resize", ResizeText(model, options, size));
        graph.AddMetadata("padding", PaddingText(options));
        graph.AddMetadata("boxes", $"x1, y1, x2, y2 in pixels of the {BoxSpace(options.Signature)}");
        graph.AddMetadata("score_threshold", options.PostProcessing.ScoreThreshold.ToString(CultureInfo.InvariantCulture));
        graph.AddMetadata("width", size.Width.ToString(CultureInfo.InvariantCulture));
        graph.AddMetadata("height", size.Height.ToString(CultureInfo.InvariantCulture));
        graph.AddMetadata("mode", mode.ToString());
        graph.AddMetadata("precision", options.CalibrationImages is null ? options.Precision.ToString() : "Int8");
        graph.AddMetadata("options", OptionsJson.Write(model.Options));
        graph.AddMetadata("postprocessing", OptionsJson.Write(options.PostProcessing));
    }

    private static string BoxSpace(OnnxSignature signature) => signature switch
    {
        OnnxSignature.Plain => "input",
        OnnxSignature.Pipeline => "original image",
        _ => "image",
    };

    private static string ResizeText(DetectorModel model, OnnxExportOptions options, InputSize size)
    {
        var rule = options.ScalesInside ? options.RuleFor(model.Resize)
            : options.FreeSize ? model.Resize
            : Resize.Letterbox(size.Width, size.Height);
        var (first, second) = rule.Sides;
        var text = rule.IsLetterbox
            ? FormattableString.Invariant($"keep the aspect ratio, fit into {first} x {second} pixels")
            : FormattableString.Invariant($"keep the aspect ratio, shorter side {first} pixels, longer side at most {second}");
        return $"{text}; {(options.ScalesInside ? "done inside the graph" : "by the caller")}; bilinear with half-pixel centers, no antialiasing";
    }

    private static string PaddingText(OnnxExportOptions options) => options.Signature switch
    {
        OnnxSignature.Image => "none: give the image at its own size",
        OnnxSignature.Plain when !options.ImageSizes => "none: every image fills its input; padding costs accuracy",
        _ => "at the right and bottom, any color: ignored outside the image's size",
    };

    private static string Values(IEnumerable<(string Name, string Type, string[] Shape)> values, OnnxExportOptions options) =>
        OptionsJson.Write(values.Select(value => new
        {
            name = value.Name,
            type = value.Type,
            shape = value.Shape,
            meaning = Meaning(value.Name[options.Prefix.Length..], options),
        }));

    private static string Meaning(string name, OnnxExportOptions options) => name switch
    {
        "image" => "interleaved red, green, blue of one upright image at its own size",
        "images" when options.Signature == OnnxSignature.Images => "interleaved red, green, blue of upright images at their own sizes, each at the top left",
        "images" => "planes of red, green, blue of upright, scaled images, each at the top left",
        "sizes" when options.Signature == OnnxSignature.Images => "width, height of each image in pixels",
        "sizes" => "width, height of each scaled image in pixels",
        "pixels" => "planes of red, green, blue of one upright, scaled image at the top left, flattened",
        "geometry" => "scale across, scale down (input pixels per original pixel), width, height of the scaled image; zeros for a missing image",
        "boxes" => $"x1, y1, x2, y2 in pixels of the {BoxSpace(options.Signature)}",
        "masks" when options.Signature == OnnxSignature.Plain => "1 where the object is, in pixels of the input",
        "masks" => "1 where the object is, in pixels of the image, row by row",
        "scores" => "0 to 1, in descending order",
        "labels" when options.Signature == OnnxSignature.Pipeline => "class names",
        "labels" when options.Signature == OnnxSignature.Image => "index into classes",
        "labels" => "index into classes; -1, with box 0 and score 0, in rows after the last detection",
        _ => throw new ArgumentException($"'{name}' has no stated meaning", nameof(name)),
    };
}
