// Loads a saved model and detects in a picture: Score MODEL.zip PICTURE.
using Microsoft.ML;

var mlContext = new MLContext();
var model = mlContext.Model.Load(args[0], out _);
using var engine = mlContext.Model.CreatePredictionEngine<Picture, Found>(model);
var found = engine.Predict(new() { ImagePath = args[1] });
Console.WriteLine(string.Join(" ", found.Score.Select(score => score.ToString("f3", System.Globalization.CultureInfo.InvariantCulture))));

internal sealed class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Found
{
    public float[] Score { get; set; } = [];
}
