using Pss.Engine.Data;
using Pss.Engine.Data.Loading;

namespace Pss.Engine.Tests.Data.Loading;

public sealed class TrainingSelectionTests
{
    [Fact]
    public void Everything_that_is_left_out_is_counted_by_its_reason()
    {
        var data = Dataset(
            Image(100, 100, Box(0, 0, 10, 10), Box(5, 5, 0.5, 10), Box(1, 1, 5, 5) with { IsCrowd = true }),
            Image(20, 100, Box(0, 0, 10, 10)),
            Image(100, 100),
            Image(100, 100, Box(1, 1, 5, 5) with { IsCrowd = true }),
            Image(100, 100, Box(-9, 1, 5, 5)),
            Image(100, 100) with { SkippedObjects = 2 },
            Image(100, 100, Box(1, 1, 50, 50)) with { SkippedObjects = 3 });
        Assert.Equal(
            [
                "2 of 7 images with 2 of 7 objects are used.",
                "Left out: 1 image less than 32 pixels wide or high.",
                "Left out: 1 image without objects (KeepEmptyImages takes them as background).",
                "Left out: 1 image all of whose objects are crowds (iscrowd 1, or difficult in VOC).",
                "Left out: 1 image all of whose objects are crowds, outside the image or less than a pixel wide or high.",
                "Left out: 1 image all of whose objects were skipped as invalid: they are not background.",
                "Left out: 1 object less than a pixel wide or high.",
                "Left out: 2 objects that are crowds.",
                "Left out: 1 object outside their image.",
                "3 objects that were skipped as invalid lie in images that are used, where their places count as background.",
            ],
            new TrainingSelection(data, keepEmpty: false).Account());
        Assert.Equal(3, new TrainingSelection(data, keepEmpty: true).Kept.Count);
    }

    [Fact]
    public void An_area_of_zero_does_not_leave_an_object_out()
        => Assert.Single(new TrainingSelection(Dataset(Image(100, 100, Box(0, 0, 10, 10) with { Area = 0 })), keepEmpty: false).Kept);

    [Fact]
    public void A_dataset_of_crowds_says_so()
    {
        var error = Assert.Throws<ArgumentException>(() => new DatasetSampleSource(Dataset(Image(100, 100, Box(1, 1, 5, 5) with { IsCrowd = true }))));
        Assert.Contains("iscrowd 1", error.Message);
    }

    [Fact]
    public void Objects_without_masks_are_counted_and_a_dataset_without_any_is_refused()
    {
        var masked = Box(5, 5, 10, 10) with { Mask = Segmentation.FromPolygons([[5, 5, 15, 5, 15, 15]]) };
        Assert.Contains("1 object has no mask: only its box is learnt.", new TrainingSelection(Dataset(Image(100, 100, Box(0, 0, 10, 10), masked)), false).Account(masks: true));
        Assert.DoesNotContain("mask", string.Concat(new TrainingSelection(Dataset(Image(100, 100, masked)), false).Account(masks: true)));
        var error = Assert.Throws<ArgumentException>(() => new DatasetSampleSource(Dataset(Image(100, 100, Box(0, 0, 10, 10))), masks: true));
        Assert.Contains("no masks", error.Message);
    }

    private static DetectionDataset Dataset(params ImageRecord[] images) => new()
    {
        Categories = [new(1, "a")],
        Images = [.. images.Select((image, i) => image with { Id = i + 1 })],
        ImageLoader = (image, _) => new(image.Width, image.Height),
    };

    private static ImageRecord Image(int width, int height, params ObjectAnnotation[] objects) => new() { Id = 1, FileName = "a.png", Width = width, Height = height, Objects = objects };

    private static ObjectAnnotation Box(double x, double y, double width, double height) => new() { Label = 0, Box = new(x, y, width, height) };
}
