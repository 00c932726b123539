using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;

namespace Pss.Tool;

/// <summary>What int8 costs: the AP of a detector's float32 and int8 exports on ONNX Runtime, over the same images.</summary>
/// <param name="Float32">AP of the float32 export; null where no object counts.</param>
/// <param name="Int8">AP of the int8 export; null where no object counts.</param>
/// <param name="Images">The number of images.</param>
internal sealed record OnnxAccuracy(double? Float32, double? Int8, int Images)
{
    private static readonly string[] Outputs = ["boxes", "scores", "labels"];

    /// <summary>Measures both.</summary>
    /// <param name="model">The detector.</param>
    /// <param name="options">How it is exported in int8.</param>
    /// <param name="truth">The annotated images.</param>
    public static OnnxAccuracy Measure(DetectorModel model, OnnxExportOptions options, DetectionDataset truth)
    {
        // The network is the same in each form of the export, and a threshold would only hide a part of the difference.
        var whole = options with { ScaleImages = true, PostProcessing = options.PostProcessing with { ScoreThreshold = 0, Masks = false } };
        return new(AP(whole with { CalibrationImages = null }), AP(whole), truth.Images.Count);

        double? AP(OnnxExportOptions export)
        {
            using var session = new InferenceSession(OnnxExporter.Export(model, export));
            var ap = new CocoEvaluator().Evaluate(truth, [.. truth.Images.Select(image => Detect(session, truth.LoadImage(image)))]).Summary.AP;
            return ap >= 0 ? ap : null;
        }
    }

    private static IReadOnlyList<Detection> Detect(InferenceSession session, RgbImage image)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(image.Pixels, [image.Height, image.Width, 3]);
        using var options = new RunOptions();
        using var found = session.Run(options, ["image"], [input], Outputs);
        var (boxes, scores) = (found[0].GetTensorDataAsSpan<float>().ToArray(), found[1].GetTensorDataAsSpan<float>().ToArray());
        var labels = found[2].GetTensorDataAsSpan<long>().ToArray();
        return [.. scores.Select((score, i) => new Detection(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], score, (int)labels[i]))];
    }
}
