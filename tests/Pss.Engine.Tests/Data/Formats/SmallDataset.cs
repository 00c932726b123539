using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

/// <summary>A few random images with whole-pixel boxes, on disk.</summary>
internal static class SmallDataset
{
    public static DetectionDataset Make(string imageFolder, int images = 4, bool crowds = true, long seed = 5)
    {
        Directory.CreateDirectory(imageFolder);
        var random = new SeededRandom(seed);
        Category[] categories = [new(1, "zebra"), new(2, "ant, \"quoted\""), new(3, "horse & <rider>")];
        long nextId = 1;
        var records = new List<ImageRecord>();
        for (var i = 0; i < images; i++)
        {
            var image = new RgbImage(40 + random.Next(60), 30 + random.Next(50));
            var path = Path.Combine(imageFolder, $"image-{i}.png");
            image.SavePng(path);
            var objects = new List<ObjectAnnotation>();
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                var (x, y) = (random.Next(image.Width - 1), random.Next(image.Height - 1));
                var box = new BoundingBox(x, y, random.Next(1, image.Width - x), random.Next(1, image.Height - y));
                objects.Add(new() { Id = nextId++, Label = random.Next(3), Box = box, IsCrowd = crowds && random.Next(4) == 0 });
            }
            records.Add(new() { Id = i + 1, FileName = $"image-{i}.png", Width = image.Width, Height = image.Height, Path = path, Objects = objects.ToArray() });
        }
        return new() { Categories = categories, Images = records };
    }

    /// <summary>Whether two datasets say the same of the same images, ids included.</summary>
    public static void AssertSame(DetectionDataset expected, DetectionDataset actual)
    {
        Xunit.Assert.Equal(expected.Categories, actual.Categories);
        Xunit.Assert.Equal(expected.Images.Count, actual.Images.Count);
        foreach (var (a, b) in expected.Images.Zip(actual.Images))
        {
            Xunit.Assert.Equal((a.Id, a.FileName, a.Width, a.Height), (b.Id, b.FileName, b.Width, b.Height));
            Xunit.Assert.Equal(a.Objects, b.Objects);
        }
    }
}
