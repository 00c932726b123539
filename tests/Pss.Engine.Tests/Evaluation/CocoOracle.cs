using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

/// <summary>Annotations, results and the numbers of pycocotools for one folder of Oracles/cocoeval.</summary>
internal sealed class CocoOracle
{
    private readonly Dictionary<long, (int Height, int Width)> _sizes;

    public CocoOracle(string folder)
    {
        var (truth, results) = (Read($"{folder}/gt.json"), Read($"{folder}/dt.json"));
        Expected = Read($"{folder}/expected.json");
        Masks = Expected.GetProperty("iou_type").GetString() == "segm";
        _sizes = truth.GetProperty("images").EnumerateArray().ToDictionary(
            image => image.GetProperty("id").GetInt64(), image => (image.GetProperty("height").GetInt32(), image.GetProperty("width").GetInt32()));
        ImageIds = [.. _sizes.Keys];
        Categories = [.. truth.GetProperty("categories").EnumerateArray().Select(
            category => new Category(category.GetProperty("id").GetInt64(), category.GetProperty("name").GetString()!))];
        var annotations = truth.GetProperty("annotations").EnumerateArray().ToArray();
        ObjectIds = [.. annotations.Select(annotation => annotation.GetProperty("id").GetInt64())];
        Objects = [.. annotations.Select(annotation => new GroundTruth(ImageOf(annotation), CategoryOf(annotation), BoxOf(annotation),
            annotation.GetProperty("area").GetDouble(), annotation.GetProperty("iscrowd").GetInt32() == 1, MaskOf(annotation)))];
        Results = [.. results.EnumerateArray().Select(result => new DetectionResult(ImageOf(result), CategoryOf(result), BoxOf(result),
            result.GetProperty("score").GetDouble(), MaskOf(result)))];
    }

    public JsonElement Expected { get; }

    public bool Masks { get; }

    public List<long> ImageIds { get; }

    public List<Category> Categories { get; }

    public List<GroundTruth> Objects { get; }

    public List<long> ObjectIds { get; }

    public List<DetectionResult> Results { get; }

    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Oracles", "cocoeval", name))).RootElement;

    public static RleSegmentation Mask(JsonElement segmentation, int height, int width) => segmentation.ValueKind == JsonValueKind.Array
        ? RunLengthMask.FromPolygons([.. segmentation.EnumerateArray().Select(Numbers)], height, width)
        : segmentation.GetProperty("counts") is { ValueKind: JsonValueKind.String } text
            ? RleSegmentation.FromCompressed(height, width, text.GetString()!)
            : new RleSegmentation(height, width, [.. segmentation.GetProperty("counts").EnumerateArray().Select(count => count.GetInt32())]);

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    public static BoundingBox Box(double[] box) => new(box[0], box[1], box[2], box[3]);

    public CocoEvaluation Evaluate(CocoEvaluatorOptions? options = null) =>
        new CocoEvaluator((options ?? new CocoEvaluatorOptions()) with { Masks = Masks }).Evaluate(ImageIds, Categories, Objects, Results);

    private static long ImageOf(JsonElement record) => record.GetProperty("image_id").GetInt64();

    private static long CategoryOf(JsonElement record) => record.GetProperty("category_id").GetInt64();

    private static BoundingBox BoxOf(JsonElement record) => record.TryGetProperty("bbox", out var box) ? Box(Numbers(box)) : default;

    private RleSegmentation? MaskOf(JsonElement record) => record.TryGetProperty("segmentation", out var segmentation)
        && _sizes[ImageOf(record)] is var (height, width) ? Mask(segmentation, height, width) : null;
}
