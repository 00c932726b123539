using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Tests;

/// <summary>Models that the first version saved with Model.Save load, and give the detections that they gave there.</summary>
public sealed class OlderModelTests
{
    private const float BoxTolerance = 0.01f;
    private const float ScoreTolerance = 1e-4f;
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "FilesOfVersion1");

    [Theory]
    [InlineData("files.zip")]
    [InlineData("images.zip")]
    public void A_saved_model_gives_the_same_detections(string name)
    {
        var expected = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.ReadAllText(Path.Combine(Folder, "detections.json")))![name]
            .Deserialize<Detections[]>()!;
        var context = new MLContext(1);
        var scenes = context.Data.TakeRows(context.Data.LoadFromCoco(Path.Combine(Folder, "scenes", "annotations.json")), 2);
        var model = context.Model.Load(Path.Combine(Folder, name), out _);
        using var loaded = (IDisposable)model;
        var scored = model.Transform(scenes);
        Assert.Equal(2, expected.Length);
        Assert.Equal(expected.Select(row => row.Labels), scored.GetColumn<uint[]>("PredictedLabel"));
        AssertClose(expected.Select(row => row.Boxes), scored.GetColumn<float[]>("PredictedBoundingBoxes"), BoxTolerance);
        AssertClose(expected.Select(row => row.Scores), scored.GetColumn<float[]>("Score"), ScoreTolerance);
        Assert.All(expected, row => Assert.NotEmpty(row.Labels));
    }

    private static void AssertClose(IEnumerable<float[]> expected, IEnumerable<float[]> actual, float tolerance)
    {
        foreach (var (x, y) in expected.Zip(actual))
        {
            Assert.Equal(x.Length, y.Length);
            Assert.All(x.Zip(y), pair => Assert.InRange(pair.Second, pair.First - tolerance, pair.First + tolerance));
        }
    }

    private sealed record Detections(float[] Boxes, float[] Scores, uint[] Labels);
}
