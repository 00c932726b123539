using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;

namespace Pss.MLNet.Tests;

/// <summary>Annotated files as rows, and metrics of scored rows.</summary>
public sealed class DatasetViewTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private static readonly SceneGenerator Scenes = new(new() { Width = 96, Height = 64, MinSize = 10, MaxSize = 40, MaxObjects = 5 }, 5);
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Coco_voc_yolo_and_vott_give_the_same_rows()
    {
        SceneFiles.Write(_folder["coco"], Scenes, 0, 5);
        var dataset = CocoReader.Read(_folder["coco", "annotations.json"]);
        VocWriter.Write(_folder["voc"], dataset, copyImages: true);
        YoloWriter.Write(_folder["yolo"], dataset, copyImages: true);
        File.WriteAllLines(_folder["coco", "vott.csv"], dataset.Images.SelectMany(image => image.Objects.Select(item => FormattableString.Invariant(
            $"\"images/{image.FileName}\",{item.Box.X},{item.Box.Y},{item.Box.X2},{item.Box.Y2},\"{dataset.Categories[item.Label].Name}\""))).Prepend("\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\""));
        var coco = _context.Data.LoadFromCoco(_folder["coco", "annotations.json"]);
        Assert.Equal(5, coco.GetRowCount());
        foreach (var other in new[] { _context.Data.LoadFromVoc(_folder["voc"]), _context.Data.LoadFromYolo(_folder["yolo", "data.yaml"]), _context.Data.LoadFromVott(_folder["coco", "vott.csv"]) })
        {
            Assert.Equal(Names(coco), Names(other));
            var (boxes, others) = (coco.GetColumn<float[]>("BoundingBoxes").SelectMany(box => box).ToArray(), other.GetColumn<float[]>("BoundingBoxes").SelectMany(box => box).ToArray());
            Assert.Equal(boxes.Length, others.Length);
            Assert.All(boxes.Zip(others), pair => Assert.InRange(pair.Second, pair.First - 0.01f, pair.First + 0.01f));
        }

        string[] Names(IDataView view) => [.. _context.Transforms.Conversion.MapKeyToValue("Name", "Label").Fit(view).Transform(view).GetColumn<string[]>("Name").SelectMany(row => row)];
    }

    [Fact]
    public void Images_are_decoded_as_the_engine_decodes_them_when_they_are_read()
    {
        SceneFiles.Write(_folder["coco"], Scenes, 0, 3);
        var view = _context.Data.LoadFromCoco(_folder["coco", "annotations.json"]);
        File.WriteAllText(_folder["coco", "images", "scene_000002.png"], "no picture");
        using var cursor = view.GetRowCursor([view.Schema["Image"]]);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        Assert.True(cursor.MoveNext());
        MLImage image = null!;
        getter(ref image);
        Assert.True(image.Pixels.SequenceEqual(Rgba(Scenes.Draw(0))));
        Assert.EndsWith("scene_000000.png", image.Tag);
        Assert.Equal(3, view.GetColumn<string>("ImagePath").Count());
        using var model = _context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(view);
        var error = Assert.Throws<InvalidDataException>(() => model.Transform(view).GetColumn<float[]>("Score").Count());
        Assert.Contains("Row 2", error.Message);
        Assert.Contains("scene_000002.png", error.Message);
    }

    [Fact]
    public void Training_on_the_files_and_on_rows_that_went_through_a_transform_is_the_same()
    {
        SceneFiles.Write(_folder["coco"], Scenes, 0, 8);
        var view = _context.Data.LoadFromCoco(_folder["coco", "annotations.json"]);
        var options = Tiny.Options with { Resize = Resize.Letterbox(96, 64) };
        using var direct = _context.Transforms.DetectObjectsPss(options).Fit(view);
        using var copied = _context.Transforms.DetectObjectsPss(options).Fit(_context.Transforms.CopyColumns("Copy", "ImageId").Fit(view).Transform(view));
        foreach (var (a, b) in direct.Model.Weights.Tensors.Zip(copied.Model.Weights.Tensors))
            Assert.True(a.Data.Span.SequenceEqual(b.Data.Span), a.Name);
        Assert.Equal(SceneGenerator.Categories.Select(category => category.Name), direct.Model.Classes);
    }

    [Fact]
    public void Scored_rows_are_evaluated_as_the_engine_evaluates_their_records()
    {
        var dataset = Dataset();
        var view = _context.Data.LoadFromDataset(dataset);
        using var model = _context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(view);
        var scored = model.Transform(view);
        var found = _context.Data.CreateEnumerable<Found>(scored, reuseRowObject: false, ignoreMissingColumns: true);
        var expected = new CocoEvaluator().Evaluate(dataset, [.. found.Select(Detections)]);
        var metrics = _context.ObjectDetection().Evaluate(scored);
        Assert.Equal(expected.Summary.ToArray(), metrics.Summary.ToArray());
        Assert.Equal(["bright", "dark"], metrics.Categories.Select(category => category.Category.Name));
        Assert.Equal(expected.Categories[0].Precision[0], metrics.Categories[0].Precision[0]);
    }

    [Fact]
    public void Perfect_detections_in_another_order_of_classes_count_fully_and_crowds_and_areas_are_heeded()
    {
        var rows = new[]
        {
            new Judged { Truth = ["a", "b"], BoundingBoxes = [0, 0, 50, 50, 60, 60, 90, 90], Guess = ["b", "a"], PredictedBoundingBoxes = [60, 60, 90, 90, 0, 0, 50, 50], Score = [0.9f, 0.8f] },
            new Judged { Truth = ["a"], BoundingBoxes = [0, 0, 80, 80], IsCrowd = [true], Guess = ["a"], PredictedBoundingBoxes = [10, 10, 20, 20], Score = [0.95f] },
        };
        rows[0].IsCrowd = [false, false];
        var view = _context.Data.LoadFromEnumerable(rows);
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Truth").Append(_context.Transforms.Conversion.MapValueToKey("PredictedLabel", "Guess"));
        Assert.Equal(1, _context.ObjectDetection().Evaluate(keys.Fit(view).Transform(view)).Summary.AP, 9);
        rows[1].IsCrowd = [false];
        Assert.InRange(_context.ObjectDetection().Evaluate(keys.Fit(view).Transform(view)).Summary.AP, 0.1, 0.9);
        rows[1].Score = [];
        var error = Assert.Throws<InvalidDataException>(() => _context.ObjectDetection().Evaluate(keys.Fit(view).Transform(view)));
        Assert.Contains("Row 1", error.Message);
        Assert.Contains("'Score'", error.Message);
        Assert.Contains("'PredictedLabel'", Assert.ThrowsAny<ArgumentException>(() => _context.ObjectDetection().Evaluate(_context.Transforms.Conversion.MapValueToKey("Label", "Truth").Fit(view).Transform(view))).Message);
    }

    /// <summary>Scenes with two of the classes, under the names of the trained detector.</summary>
    private static DetectionDataset Dataset()
    {
        var drawn = Scenes.Dataset(0, 6);
        return new()
        {
            Categories = [new(1, "bright"), new(2, "dark")],
            Images = [.. drawn.Images.Select(image => image with { Objects = [.. image.Objects.Select(item => item with { Label = item.Label % 2 })] })],
            ImageLoader = drawn.ImageLoader,
        };
    }

    private static IReadOnlyList<Detection> Detections(Found row) => [.. row.Score.Zip(row.PredictedLabel, row.PredictedBoundingBoxes.Chunk(4))
        .Select(item => new Detection(item.Third[0], item.Third[1], item.Third[2], item.Third[3], item.First, (int)item.Second - 1))];

    private static byte[] Rgba(RgbImage image) => [.. image.Pixels.Chunk(3).SelectMany(pixel => new byte[] { pixel[0], pixel[1], pixel[2], 255 })];

    private sealed class Judged
    {
        public string[] Truth { get; set; } = [];

        public float[] BoundingBoxes { get; set; } = [];

        public bool[] IsCrowd { get; set; } = [];

        public string[] Guess { get; set; } = [];

        public float[] PredictedBoundingBoxes { get; set; } = [];

        public float[] Score { get; set; } = [];
    }
}
