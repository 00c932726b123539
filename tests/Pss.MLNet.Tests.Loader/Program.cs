using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;

// Loads a model that some other process saved, and detects in the pictures that the further arguments name: through a data view and, again, through
// a prediction engine. One line a picture each: labels; boxes; scores. At the end the libraries of torch that it came to load, which are none.
var context = new MLContext();
var model = context.Model.Load(args[0], out _);
var pictures = args.Skip(1).Select(path => new Picture { ImagePath = path }).ToArray();
foreach (var found in context.Data.CreateEnumerable<Found>(model.Transform(context.Data.LoadFromEnumerable(pictures)), reuseRowObject: false))
    Write(found);
using var engine = context.Model.CreatePredictionEngine<Picture, Found>(model);
foreach (var picture in pictures)
    Write(engine.Predict(picture));
Console.WriteLine($"torch: {string.Join(" ", Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(module => module.ModuleName).Where(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase)))}");

static void Write(Found found) => Console.WriteLine(string.Join(";", Join(found.PredictedLabel), Join(found.PredictedBoundingBoxes), Join(found.Score)));

static string Join<T>(T[] values)
    where T : IFormattable
    => string.Join(" ", values.Select(value => value.ToString(null, CultureInfo.InvariantCulture)));

internal sealed class Picture
{
    public string ImagePath { get; set; } = "";
}

internal sealed class Found
{
    public uint[] PredictedLabel { get; set; } = [];

    public float[] PredictedBoundingBoxes { get; set; } = [];

    public float[] Score { get; set; } = [];
}
