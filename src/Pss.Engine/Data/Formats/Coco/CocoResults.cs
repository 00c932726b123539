using System.Text.Json;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads and writes COCO results files: an array of detections, each with image_id, category_id, bbox (x, y, width, height), score and optionally
/// a run-length segmentation.</summary>
internal static class CocoResults
{
    /// <summary>Writes a results file, whole or not at all. Numbers are read back bit for bit.</summary>
    public static void Write(string path, IEnumerable<DetectionResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream);
            json.WriteStartArray();
            foreach (var result in results)
            {
                json.WriteStartObject();
                json.WriteNumber("image_id", result.ImageId);
                json.WriteNumber("category_id", result.CategoryId);
                CocoWriter.WriteBox(json, result.Box);
                json.WriteNumber("score", result.Score);
                if (result.Mask is { } mask)
                    CocoWriter.WriteMask(json, mask);
                json.WriteEndObject();
                CocoWriter.FlushIfFull(json);
            }
            json.WriteEndArray();
        });
    }

    /// <summary>Writes a detector's output for the images of a dataset, with the dataset's image and category ids.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="detections">The detections of each image, in the order of <see cref="DetectionDataset.Images"/>.</param>
    /// <exception cref="ArgumentException">The number of lists is not that of the images.</exception>
    public static void Write(string path, DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(detections);
        if (detections.Count != dataset.Images.Count)
            throw new ArgumentException($"{detections.Count} lists of detections for {dataset.Images.Count} images; give one per image", nameof(detections));
        Write(path, dataset.Images.SelectMany((image, i) => detections[i].Select(found => new DetectionResult(image.Id, dataset.Categories[found.Label].Id,
            BoundingBox.FromCorners(found.X1, found.Y1, found.X2, found.Y2), found.Score, found.Mask?.ToRuns(image.Height, image.Width)))));
    }

    /// <summary>Reads a results file.</summary>
    /// <exception cref="DatasetException">The file is invalid; the message names file, record and field.</exception>
    public static IReadOnlyList<DetectionResult> Read(string path)
    {
        using var stream = DatasetFile.Open(path);
        var parser = new CocoResultsParser(path);
        try
        {
            var cursor = new JsonCursor(stream);
            return parser.Read(ref cursor);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DatasetException(path, parser.Record, parser.Field, JsonPlace.Problem(fault), fault);
        }
    }
}
