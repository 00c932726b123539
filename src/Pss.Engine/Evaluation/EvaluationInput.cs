using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>Validated input, sorted by category and image.</summary>
internal sealed class EvaluationInput
{
    private readonly long[] _imageIds;
    private readonly RecordIndex _objects;
    private readonly RecordIndex _results;

    public EvaluationInput(CocoEvaluatorOptions options, IReadOnlyList<long> imageIds, IReadOnlyList<Category> categories,
        IReadOnlyList<GroundTruth> groundTruths, IReadOnlyList<DetectionResult> results)
    {
        ArgumentNullException.ThrowIfNull(imageIds);
        ArgumentNullException.ThrowIfNull(categories);
        ArgumentNullException.ThrowIfNull(groundTruths);
        ArgumentNullException.ThrowIfNull(results);
        (GroundTruths, Results) = (groundTruths, results);
        _imageIds = [.. imageIds.Distinct().Order()];
        Categories = [.. categories.OrderBy(category => category.Id)];
        for (var i = 1; i < Categories.Length; i++)
            if (Categories[i].Id == Categories[i - 1].Id)
                throw new ArgumentException($"{nameof(categories)}: id {Categories[i].Id} is used twice", nameof(categories));

        var images = Positions(_imageIds);
        var labels = Positions(Categories.Select(category => category.Id));
        var masks = options.Masks;
        _objects = new RecordIndex(groundTruths.Count, _imageIds.Length, Categories.Length, i =>
        {
            var record = groundTruths[i];
            CheckBox(record.Box, nameof(groundTruths), i);
            if (!(record.Area >= 0 && double.IsFinite(record.Area)))
                throw Fault(nameof(groundTruths), i, FormattableString.Invariant($"the area is {record.Area}; it must be a number of at least 0"));
            if (masks)
                CheckMask(record.Mask, nameof(groundTruths), i);
            return Place(images, labels, record.ImageId, record.CategoryId, nameof(groundTruths), i);
        });
        _results = new RecordIndex(results.Count, _imageIds.Length, Categories.Length, i =>
        {
            var record = results[i];
            if (!double.IsFinite(record.Score))
                throw Fault(nameof(results), i, FormattableString.Invariant($"the score is {record.Score}; it must be a finite number"));
            if (masks)
                CheckMask(record.Mask, nameof(results), i);
            else
                CheckBox(record.Box, nameof(results), i);
            return Place(images, labels, record.ImageId, record.CategoryId, nameof(results), i);
        });
    }

    /// <summary>The categories by ascending id.</summary>
    public Category[] Categories { get; }

    public IReadOnlyList<GroundTruth> GroundTruths { get; }

    public IReadOnlyList<DetectionResult> Results { get; }

    /// <summary>The images with objects or detections of a category, by ascending id, with the positions of both in file order.</summary>
    public IEnumerable<(long ImageId, ReadOnlyMemory<int> Objects, ReadOnlyMemory<int> Results)> Images(int category)
    {
        var (objects, results) = (_objects.Category(category), _results.Category(category));
        while (objects.Length > 0 || results.Length > 0)
        {
            var image = Math.Min(_objects.FirstImage(objects), _results.FirstImage(results));
            var (g, d) = (_objects.CountOf(image, objects), _results.CountOf(image, results));
            yield return (_imageIds[image], objects[..g], results[..d]);
            (objects, results) = (objects[g..], results[d..]);
        }
    }

    public static ArgumentException Fault(string list, int index, string problem) => new($"{list}[{index}]: {problem}", list);

    public static List<DetectionResult> ToResults(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections, bool masks)
    {
        CheckDetections(dataset, detections);
        var results = new List<DetectionResult>(detections.Sum(list => list.Count));
        for (var i = 0; i < detections.Count; i++)
            foreach (var found in detections[i])
                results.Add(new DetectionResult(dataset.Images[i].Id, dataset.Categories[found.Label].Id,
                    BoundingBox.FromCorners(found.X1, found.Y1, found.X2, found.Y2), found.Score,
                    masks ? found.Mask?.ToRuns(dataset.Images[i].Height, dataset.Images[i].Width) : null));
        return results;
    }

    public static void CheckDetections(DetectionDataset dataset, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        ArgumentNullException.ThrowIfNull(detections);
        if (detections.Count != dataset.Images.Count)
            throw new ArgumentException(
                $"{detections.Count} lists of detections for {dataset.Images.Count} images; give one per image", nameof(detections));
        for (var i = 0; i < detections.Count; i++)
            for (var j = 0; j < detections[i].Count; j++)
            {
                var found = detections[i][j];
                if (found.Label < 0 || found.Label >= dataset.Categories.Count)
                    throw new ArgumentException(
                        $"detections[{i}][{j}]: the label is {found.Label}, but there are {dataset.Categories.Count} categories", nameof(detections));
                if (!float.IsFinite(found.Score) || !(found.X2 >= found.X1 && found.Y2 >= found.Y1)
                    || !float.IsFinite(found.X2 - found.X1 + found.Y2 - found.Y1))
                    throw new ArgumentException($"detections[{i}][{j}]: {found} is not a box with finite coordinates and score", nameof(detections));
            }
    }

    public static List<GroundTruth> ToGroundTruths(DetectionDataset dataset, bool masks)
    {
        var objects = new List<GroundTruth>(dataset.ObjectCount);
        foreach (var image in dataset.Images)
            foreach (var item in image.Objects)
                objects.Add(new GroundTruth(image.Id, dataset.Categories[item.Label].Id, item.Box, item.Area, item.IsCrowd,
                    Mask(image, item, masks)));
        return objects;
    }

    private static RleSegmentation? Mask(ImageRecord image, ObjectAnnotation item, bool masks)
    {
        if (!masks || item.Mask is null)
            return null;
        try
        {
            return RunLengthMask.From(item.Mask, image.Height, image.Width);
        }
        catch (ArgumentException fault)
        {
            throw new ArgumentException($"{image.FileName}: object {item.Id}: {fault.Message}", fault);
        }
    }

    private static Dictionary<long, int> Positions(IEnumerable<long> ids) =>
        ids.Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => pair.i);

    private static (int Image, int Category) Place(Dictionary<long, int> images, Dictionary<long, int> labels, long imageId, long categoryId,
        string list, int index)
    {
        if (!images.TryGetValue(imageId, out var image))
            throw Fault(list, index, $"image id {imageId} is not among the {images.Count} images evaluated");
        if (!labels.TryGetValue(categoryId, out var category))
            throw Fault(list, index, $"category id {categoryId} is not among the {labels.Count} categories (ids, not labels, belong here)");
        return (image, category);
    }

    private static void CheckBox(BoundingBox box, string list, int index)
    {
        if (!double.IsFinite(box.X + box.Y + box.Width + box.Height))
            throw Fault(list, index, $"the box {box} has a coordinate that is not finite");
        if (box.Width < 0 || box.Height < 0)
            throw Fault(list, index, $"the box {box} has a negative size; boxes are left, top, width, height");
    }

    private static void CheckMask(RleSegmentation? mask, string list, int index)
    {
        if (mask is null)
            throw Fault(list, index, $"there is no mask, but {nameof(CocoEvaluatorOptions.Masks)} is true; give one, or evaluate boxes");
        try
        {
            RunLengthMask.Check(mask);
        }
        catch (ArgumentException fault)
        {
            throw Fault(list, index, fault.Message);
        }
    }
}
