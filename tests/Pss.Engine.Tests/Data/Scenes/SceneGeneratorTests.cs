using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Data.Scenes;

public sealed class SceneGeneratorTests
{
    private static readonly SceneGenerator Generator = new(seed: 7);
    private static readonly DetectionDataset Hundreds = Generator.Dataset(0, 300);

    [Fact]
    public void A_scene_is_a_function_of_options_seed_and_index()
    {
        var again = new SceneGenerator(new SceneOptions(), 7);
        _ = again.Draw(3);
        Assert.Equal(Generator.Draw(5).Pixels, again.Draw(5).Pixels);
        Assert.Equal(Hundreds.Images[5].Objects, again.Describe(5).Objects);
        Assert.NotEqual(Generator.Draw(5).Pixels, Generator.Draw(6).Pixels);
        Assert.NotEqual(Generator.Draw(5).Pixels, new SceneGenerator(seed: 8).Draw(5).Pixels);
    }

    [Fact]
    public void Threads_draw_the_same_scenes()
    {
        var alone = Enumerable.Range(0, 8).Select(i => Generator.Draw(i).Pixels).ToArray();
        var together = new byte[8][];
        Parallel.For(0, 8, i => together[i] = Generator.Draw(i).Pixels);
        Assert.Equal(alone, together);
    }

    [Fact]
    public void Boxes_are_tight_to_the_whole_shapes()
    {
        var generator = new SceneGenerator(new SceneOptions { MinObjects = 6, CrowdProbability = 1 }, 3);
        for (var index = 0; index < 6; index++)
        {
            var objects = generator.Describe(index).Objects;
            for (var i = 0; i < objects.Count; i++)
            {
                var (left, top, right, bottom) = Extent(generator.Coverage(index, i), 320);
                var box = objects[i].Box;
                Assert.Equal((Math.Floor(box.X), Math.Floor(box.Y)), (left, top));
                Assert.Equal((Math.Ceiling(box.X2), Math.Ceiling(box.Y2)), (right, bottom));
            }
        }
    }

    [Theory]
    [InlineData(0, Math.PI / 4)]
    [InlineData(1, 1)]
    public void Coverage_is_the_exact_area(int label, double share)
    {
        var generator = new SceneGenerator(new SceneOptions { MinObjects = 8, CrowdProbability = 0 }, 1);
        var seen = 0;
        for (var index = 0; index < 40; index++)
        {
            var objects = generator.Describe(index).Objects;
            for (var i = 0; i < objects.Count; i++)
            {
                if (objects[i].Label != label) continue;
                // A disc is squeezed into an ellipse and turned, a square into a rectangle: their boxes bound the area from above and below.
                var area = generator.Coverage(index, i).Sum(value => (double)value);
                Assert.InRange(area, 0.4 * objects[i].Box.Area, share * objects[i].Box.Area * 1.001);
                seen++;
            }
        }
        Assert.True(seen > 10);
    }

    [Fact]
    public void Boxes_lie_inside_and_sizes_within_their_limits()
    {
        var options = Generator.Options;
        foreach (var item in Hundreds.Images.SelectMany(image => image.Objects))
        {
            Assert.InRange(item.Box.X, 0, options.Width - item.Box.Width);
            Assert.InRange(item.Box.Y, 0, options.Height - item.Box.Height);
            Assert.InRange(Math.Max(item.Box.Width, item.Box.Height), options.MinSize - 0.01, options.MaxSize + 0.01);
        }
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(0.5)]
    public void Overlaps_reach_their_limit_and_stay_within(double limit)
    {
        var generator = new SceneGenerator(new SceneOptions { MaxOverlap = limit, CrowdProbability = 1 }, 2);
        var largest = generator.Dataset(0, 200).Images.Max(image => Pairs(image).Select(pair => BoxOverlap.IoU(pair.A.Box, pair.B.Box)).DefaultIfEmpty().Max());
        Assert.InRange(largest, limit - 0.05, limit + 1e-6);
    }

    [Fact]
    public void About_half_of_the_scenes_hold_a_crowd_of_one_class()
    {
        static bool HasCrowd(ImageRecord image) => Pairs(image).Any(pair => pair.A.Label == pair.B.Label && BoxOverlap.IoU(pair.A.Box, pair.B.Box) > 0.25);
        Assert.InRange(Hundreds.Images.Count(HasCrowd), 100, 180);
        Assert.DoesNotContain(new SceneGenerator(new SceneOptions { CrowdProbability = 0 }, 7).Dataset(0, 100).Images, HasCrowd);
    }

    [Fact]
    public void Every_class_occurs_about_equally_often()
    {
        var counts = Hundreds.Images.SelectMany(image => image.Objects).CountBy(item => item.Label).ToDictionary();
        Assert.Equal(SceneGenerator.Categories.Count, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, Hundreds.ObjectCount / 12, Hundreds.ObjectCount / 4));
    }

    [Fact]
    public void One_class_changes_the_labels_alone()
    {
        var one = new SceneGenerator(new SceneOptions { OneClass = true }, 7);
        Assert.Equal("object", Assert.Single(one.Dataset(0, 1).Categories).Name);
        Assert.All(one.Describe(5).Objects, item => Assert.Equal(0, item.Label));
        Assert.Equal(Generator.Describe(5).Objects.Select(item => item.Box), one.Describe(5).Objects.Select(item => item.Box));
        Assert.Equal(Generator.Draw(5).Pixels, one.Draw(5).Pixels);
    }

    [Fact]
    public void Color_does_not_give_the_class_away()
    {
        // The mean color over many objects of a class differs little from that over all.
        var means = Enumerable.Range(0, 6).Select(_ => new List<double>()).ToArray();
        for (var index = 0; index < 60; index++)
        {
            var image = Generator.Draw(index);
            foreach (var item in Hundreds.Images[index].Objects)
            {
                var at = 3 * ((int)(item.Box.Y + item.Box.Height / 2) * image.Width + (int)(item.Box.X + item.Box.Width / 2));
                means[item.Label].Add(image.Pixels[at] - image.Pixels[at + 2]);
            }
        }
        Assert.All(means, values => Assert.InRange(values.Average(), -45, 45));
    }

    [Fact]
    public void A_scene_may_hold_nothing_but_ground()
    {
        var generator = new SceneGenerator(new SceneOptions { MinObjects = 0, MaxObjects = 0 }, 7);
        Assert.Empty(generator.Describe(0).Objects);
        Assert.True(generator.Draw(0).Pixels.Distinct().Count() > 20);
    }

    [Fact]
    public void Hidden_objects_are_left_out()
    {
        var generator = new SceneGenerator(new SceneOptions { MinObjects = 10, MaxObjects = 20, CrowdProbability = 1 }, 4);
        for (var index = 0; index < 3; index++)
        {
            var masks = Enumerable.Range(0, generator.Describe(index).Objects.Count).Select(i => generator.Coverage(index, i)).ToArray();
            for (var i = 0; i < masks.Length; i++)
            {
                var visible = 0.0;
                for (var p = 0; p < masks[i].Length; p++)
                    if (masks[i][p] > 0) visible += masks[i][p] * masks.Skip(i + 1).Aggregate(1.0, (left, other) => left * (1 - other[p]));
                Assert.InRange(visible / masks[i].Sum(), 0.15, 1.001);
            }
        }
    }

    [Fact]
    public void A_dataset_loads_what_the_generator_draws()
    {
        var source = new DatasetSampleSource(Generator.Dataset(100, 5));
        var sample = source.Load(2);
        Assert.Equal(5, source.Count);
        Assert.Equal((320, 240), source.SizeOf(2));
        Assert.Equal(Generator.Draw(102).Pixels, sample.Image.Pixels);
        var objects = Hundreds.Images[102].Objects;
        Assert.Equal(objects.Select(item => item.Label), sample.Labels);
        Assert.Equal(objects.SelectMany(item => new[] { (float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2 }), sample.Boxes);
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Load(5));
    }

    [Fact]
    public void Written_scenes_are_read_back()
    {
        using var folder = new TemporaryFolder();
        SceneFiles.Write(folder["scenes"], Generator, 10, 4);
        var read = DetectionDataset.Load(folder["scenes"]);
        Assert.Equal(SceneGenerator.Categories, read.Categories);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(Hundreds.Images[10 + i].Objects, read.Images[i].Objects);
            Assert.Equal(Generator.Draw(10 + i).Pixels, RgbImage.Load(read.Images[i].Path!).Pixels);
        }
        Assert.Throws<IOException>(() => SceneFiles.Write(folder["scenes"], Generator, 0, 1));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        void Expect(string name, SceneOptions options) =>
            Assert.Contains(name, Assert.Throws<ArgumentOutOfRangeException>(() => new SceneGenerator(options)).Message, StringComparison.Ordinal);

        Expect("Width", new SceneOptions { Width = 5 });
        Expect("Height", new SceneOptions { Height = 5000 });
        Expect("MinObjects", new SceneOptions { MinObjects = 20, MaxObjects = 10 });
        Expect("MaxObjects", new SceneOptions { MaxObjects = -1 });
        Expect("MinSize", new SceneOptions { MinSize = 200 });
        Expect("MaxSize", new SceneOptions { MaxSize = 300 });
        Expect("CrowdProbability", new SceneOptions { CrowdProbability = double.NaN });
        Expect("MaxOverlap", new SceneOptions { MaxOverlap = 0.95 });
        Expect("MinOverlap", new SceneOptions { MinOverlap = 0.85 });
        Expect("MinVisible", new SceneOptions { MinVisible = 1.5 });
    }

    private static IEnumerable<(ObjectAnnotation A, ObjectAnnotation B)> Pairs(ImageRecord image) =>
        image.Objects.SelectMany((a, i) => image.Objects.Skip(i + 1).Select(b => (a, b)));

    private static (double Left, double Top, double Right, double Bottom) Extent(float[] coverage, int width)
    {
        var covered = Enumerable.Range(0, coverage.Length).Where(i => coverage[i] > 1e-5f).ToArray();
        return (covered.Min(i => i % width), covered[0] / width, covered.Max(i => i % width) + 1, covered[^1] / width + 1);
    }
}
