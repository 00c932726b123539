// Detects with an exported detector on ONNX Runtime: neither TorchSharp nor this library is needed.
// OnnxScoring DETECTOR.onnx IMAGE...
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;

using var session = new InferenceSession(args[0]);
using var options = new RunOptions();
var classes = JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["classes"])!;
foreach (var file in args[1..])
{
    using var image = SKImage.FromEncodedData(file); // turned upright by SkiaSharp
    using var bitmap = new SKBitmap(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Premul);
    image.ReadPixels(bitmap.Info, bitmap.GetPixels());
    var rgb = bitmap.Bytes.Where((_, i) => i % 4 < 3).ToArray();
    using var input = OrtValue.CreateTensorValueFromMemory(rgb, [image.Height, image.Width, 3]);
    using var found = session.Run(options, ["image"], [input], ["boxes", "scores", "labels"]);
    var (boxes, scores) = (found[0].GetTensorDataAsSpan<float>().ToArray(), found[1].GetTensorDataAsSpan<float>().ToArray());
    var labels = found[2].GetTensorDataAsSpan<long>().ToArray();
    foreach (var (box, score, label) in boxes.Chunk(4).Zip(scores, labels))
        Console.WriteLine(FormattableString.Invariant($"{Path.GetFileName(file)}: {classes[label]} {score:f4} [{box[0]:f1}, {box[1]:f1}, {box[2]:f1}, {box[3]:f1}]"));
}
