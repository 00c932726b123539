// Detects with an exported detector on ONNX Runtime: neither TorchSharp nor this library is needed.
// OnnxScoring DETECTOR.onnx FOLDER WIDTH HEIGHT [SCORE THRESHOLD]; width and height are those of the detector's input.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length < 4)
{
    Console.Error.WriteLine("OnnxScoring DETECTOR.onnx FOLDER WIDTH HEIGHT [SCORE THRESHOLD]");
    return 2;
}
var (width, height) = (int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
var threshold = args.Length > 4 ? float.Parse(args[4], CultureInfo.InvariantCulture) : 0.3f;
var mlContext = new MLContext();
var pictures = Directory.GetFiles(args[1]).Where(file => Path.GetExtension(file).ToLowerInvariant() is ".jpg" or ".jpeg" or ".png").Order(StringComparer.Ordinal)
    .Select(file => new Picture { ImagePath = file }).ToArray();
var data = mlContext.Data.LoadFromEnumerable(pictures);
var pipeline = mlContext.Transforms.LoadImages("Image", "", "ImagePath")
    .Append(mlContext.Transforms.ResizeImages("Scaled", width, height, "Image", ImageResizingEstimator.ResizingKind.IsoPad))
    .Append(mlContext.Transforms.ExtractPixels("images", "Scaled", outputAsFloatArray: false))
    .Append(mlContext.Transforms.ApplyOnnxModel(["boxes", "scores", "labels"], ["images"], args[0]));
using var model = pipeline.Fit(data);
foreach (var row in mlContext.Data.CreateEnumerable<Scored>(model.Transform(data), reuseRowObject: true))
{
    // IsoPad puts the scaled picture in the middle.
    using var image = MLImage.CreateFromFile(row.ImagePath);
    var scale = Math.Min((float)width / image.Width, (float)height / image.Height);
    var (left, top) = ((int)((width - image.Width * scale) / 2), (int)((height - image.Height * scale) / 2));
    for (var i = 0; i < row.Scores.Length && row.Scores[i] >= threshold && row.Labels[i] >= 0; i++)
    {
        var box = row.Boxes[(4 * i)..(4 * i + 4)];
        Console.WriteLine($"{Path.GetFileName(row.ImagePath)}: class {row.Labels[i]}, score {row.Scores[i]:f4}, "
            + $"({(box[0] - left) / scale:f1}, {(box[1] - top) / scale:f1}) to ({(box[2] - left) / scale:f1}, {(box[3] - top) / scale:f1})");
    }
}
return 0;

internal class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Scored : Picture
{
    [ColumnName("boxes")]
    public float[] Boxes { get; set; } = [];

    [ColumnName("scores")]
    public float[] Scores { get; set; } = [];

    [ColumnName("labels")]
    public long[] Labels { get; set; } = [];
}
