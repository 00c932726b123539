// Detects objects in every picture of a folder and writes one CSV line per object.
// ScoreFolder DETECTOR.safetensors FOLDER OUTPUT.csv [SCORE THRESHOLD]
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Pss.Engine.Data.Images;
using Pss.MLNet;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length < 3)
{
    Console.Error.WriteLine("ScoreFolder DETECTOR.safetensors FOLDER OUTPUT.csv [SCORE THRESHOLD]");
    return 2;
}
var mlContext = new MLContext();
mlContext.Log += (_, message) => Console.Write(message is { Source: "DetectObjectsPss", Kind: ChannelMessageKind.Info } ? message.RawMessage + "\n" : "");
var pictures = Directory.GetFiles(args[1]).Where(RgbImage.IsImageName).Order(StringComparer.Ordinal).Select(file => new Picture { ImagePath = file }).ToArray();
var data = mlContext.Data.LoadFromEnumerable(pictures);
var pipeline = mlContext.ObjectDetection().LoadPssDetector(args[0], new PssDetectionOptions
{
    ImageColumnName = "ImagePath",
    ScoreThreshold = args.Length > 3 ? float.Parse(args[3], CultureInfo.InvariantCulture) : 0.3f,
})
    .Append(mlContext.Transforms.Conversion.MapKeyToValue("Class", "PredictedLabel"))
    .Append(mlContext.Transforms.CustomMapping<Scored, Lines>(
        (row, lines) => lines.Csv = string.Concat(Enumerable.Range(0, row.Score.Length).Select(i =>
            FormattableString.Invariant($"{Path.GetFileName(row.ImagePath)},{row.Class[i]},{row.Score[i]:f4},")
            + string.Join(",", row.PredictedBoundingBoxes[(4 * i)..(4 * i + 4)].Select(x => x.ToString("f1", CultureInfo.InvariantCulture))) + "\n")), null));
using var model = pipeline.Fit(data);
var clock = Stopwatch.StartNew();
using (var csv = new StreamWriter(args[2]))
{
    csv.Write("image,class,score,x0,y0,x1,y1\n");
    foreach (var lines in mlContext.Data.CreateEnumerable<Lines>(model.Transform(data), reuseRowObject: true))
        csv.Write(lines.Csv);
}
Console.WriteLine($"{pictures.Length} images, {pictures.Length / clock.Elapsed.TotalSeconds:f1} images a second, to {args[2]}");
return 0;

internal class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Scored : Picture
{
    public string[] Class { get; set; } = [];

    public float[] PredictedBoundingBoxes { get; set; } = [];

    public float[] Score { get; set; } = [];
}

internal sealed class Lines
{
    public string Csv { get; set; } = "";
}
