namespace Pss.Engine.Data.Loading;

/// <summary>What a training takes of a dataset, and what it leaves out for which reason. As in the paper's recipe, crowds, boxes outside the image or less than
/// one pixel wide or high, images without a remaining object, and images with a side of less than 32 pixels take no part.</summary>
internal sealed class TrainingSelection
{
    private const int MinSide = 32;
    private const string TooSmall = "less than 32 pixels wide or high";
    private const string NoObjects = "without objects (KeepEmptyImages takes them as background)";
    private const string AllSkipped = "all of whose objects were skipped as invalid: they are not background";
    private const string AllCrowds = "all of whose objects are crowds (iscrowd 1, or difficult in VOC)";
    private const string NoneLeft = "all of whose objects are crowds, outside the image or less than a pixel wide or high";
    private readonly Dictionary<string, int> _images = [];
    private readonly Dictionary<string, int> _objects = [];
    private readonly DetectionDataset _dataset;

    /// <summary>Selects images and objects.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="keepEmpty">Whether images that were annotated without objects take part, as background.</param>
    public TrainingSelection(DetectionDataset dataset, bool keepEmpty)
    {
        _dataset = dataset;
        var kept = new List<(ImageRecord Image, ObjectAnnotation[] Objects)>();
        foreach (var image in dataset.Images)
        {
            if (Math.Min(image.Width, image.Height) < MinSide)
            {
                Count(_images, TooSmall);
                continue;
            }
            ObjectAnnotation[] used = [.. image.Objects.Where(item => IsUsed(item, image))];
            var isBackground = image.Objects.Count + image.SkippedObjects == 0;
            if (used.Length > 0 || (isBackground && keepEmpty))
                kept.Add((image, used));
            else
                Count(_images, isBackground ? NoObjects : image.Objects.Count == 0 ? AllSkipped : image.Objects.All(item => item.IsCrowd) ? AllCrowds : NoneLeft);
            SkippedInUse += used.Length > 0 ? image.SkippedObjects : 0;
        }
        Kept = kept;
    }

    /// <summary>The images in use, with their objects in use.</summary>
    public IReadOnlyList<(ImageRecord Image, ObjectAnnotation[] Objects)> Kept { get; }

    /// <summary>Objects that were skipped as invalid in images that are used: their places count as background there.</summary>
    private int SkippedInUse { get; }

    private int Empty => Kept.Count(item => item.Objects.Length == 0);

    private int InAnEpoch(double backgroundRatio) => BatchPlan.BackgroundOf(Kept.Count - Empty, Empty, backgroundRatio);

    /// <summary>Objects in use that have no mask.</summary>
    private int WithoutMask => Kept.Sum(item => item.Objects.Count(each => each.Mask is null));

    /// <summary>Numbers of images and objects in use, and a line for each reason for which others are not.</summary>
    /// <param name="masks">Whether masks are learnt.</param>
    /// <param name="backgroundRatio">Images without objects per image with objects that an epoch takes at most; 0 takes all.</param>
    public IReadOnlyList<string> Account(bool masks = false, double backgroundRatio = 0) =>
    [
        $"{Kept.Count} of {_dataset.Images.Count} images with {Kept.Sum(item => item.Objects.Length)} of {_dataset.ObjectCount} objects are used.",
        .. _images.Select(reason => $"Left out: {reason.Value} {(reason.Value == 1 ? "image" : "images")} {reason.Key}."),
        .. _objects.Select(reason => $"Left out: {reason.Value} {(reason.Value == 1 ? "object" : "objects")} {reason.Key}."),
        .. SkippedInUse == 0 ? Array.Empty<string>() : [$"{SkippedInUse} {(SkippedInUse == 1 ? "object that was skipped as invalid lies" : "objects that were skipped as invalid lie")} in images that are used, where their places count as background."],
        .. InAnEpoch(backgroundRatio) is var taken && taken < Empty ? [$"An epoch takes {taken} of the {Empty} images without objects, drawn anew each time (BackgroundRatio)."] : Array.Empty<string>(),
        .. masks && WithoutMask > 0 ? [$"{WithoutMask} {(WithoutMask == 1 ? "object has no mask: only its box is" : "objects have no mask: only their boxes are")} learnt."] : Array.Empty<string>(),
    ];

    /// <summary>Fails if nothing is left to train on.</summary>
    /// <param name="masks">Whether masks are learnt.</param>
    /// <exception cref="ArgumentException">No image is left, or none of its objects has a mask; the message gives the reasons.</exception>
    public void RequireImages(bool masks = false)
    {
        if (masks && Kept.Count > 0 && Kept.All(item => item.Objects.All(each => each.Mask is null)))
            throw new ArgumentException(
                $"{_dataset.Name} has no masks, which the detector learns: take annotations with polygons or run lengths (COCO, YOLO segment), or a detector of boxes.");
        if (Kept.Count == 0)
            throw new ArgumentException($"{_dataset.Name} has nothing to train on. {string.Join(' ', Account())}");
    }

    private bool IsUsed(ObjectAnnotation item, ImageRecord image)
    {
        var box = item.Box;
        var reason = item.IsCrowd ? "that are crowds"
            : Math.Min(box.X2, image.Width) <= Math.Max(box.X, 0) || Math.Min(box.Y2, image.Height) <= Math.Max(box.Y, 0) ? "outside their image"
            : box.Width < 1 || box.Height < 1 ? "less than a pixel wide or high"
            : null;
        if (reason is not null)
            Count(_objects, reason);
        return reason is null;
    }

    private static void Count(Dictionary<string, int> counts, string reason) => counts[reason] = counts.GetValueOrDefault(reason) + 1;
}
