using Pss.Engine.Data;

namespace Pss.Tool;

/// <summary>The numbers of a dataset.</summary>
internal sealed record DatasetSummary(
    int Images, int Objects, int Crowds, int ImagesWithoutObjects, IReadOnlyDictionary<string, int> ImageSizes, IReadOnlyDictionary<string, int> ObjectSizes,
    IReadOnlyDictionary<string, int> Classes)
{
    private const double Small = 32 * 32, Medium = 96 * 96;
    private const int ListedSizes = 5;

    public static DatasetSummary Of(DetectionDataset dataset)
    {
        var objects = dataset.Images.SelectMany(image => image.Objects).ToArray();
        var sizes = dataset.Images.CountBy(image => FormattableString.Invariant($"{image.Width} x {image.Height}")).OrderByDescending(size => size.Value).ToArray();
        var listed = sizes.Take(ListedSizes).ToDictionary();
        if (sizes.Length > ListedSizes)
            listed[Messages.Count(sizes.Length - ListedSizes, "other size")] = sizes.Skip(ListedSizes).Sum(size => size.Value);
        return new(
            dataset.Images.Count, objects.Length, objects.Count(item => item.IsCrowd), dataset.Images.Count(image => image.Objects.Count == 0), listed,
            new Dictionary<string, int>
            {
                ["small, up to 32 x 32 pixels"] = objects.Count(item => item.Box.Area <= Small),
                ["medium"] = objects.Count(item => item.Box.Area is > Small and <= Medium),
                ["large, above 96 x 96 pixels"] = objects.Count(item => item.Box.Area > Medium),
            },
            dataset.Categories.Select((category, label) => (category.Name, Count: objects.Count(item => item.Label == label))).ToDictionary(pair => pair.Name, pair => pair.Count));
    }

    /// <summary>The numbers as lines of text.</summary>
    public IEnumerable<string> Lines() =>
    [
        $"{Messages.Count(Images, "image")}, {ImagesWithoutObjects} of them without objects; {Messages.Count(Objects, "object")} of {Messages.Count(Classes.Count, "class", "classes")}, {Crowds} of them crowds",
        .. Classes.Select(item => $"  class {item.Key}: {item.Value}{(item.Value == 0 ? ", which a detector cannot learn" : "")}"),
        .. ObjectSizes.Select(item => $"  objects {item.Key}: {item.Value}"),
        .. ImageSizes.Select(item => $"  images {item.Key}: {item.Value}"),
    ];
}
