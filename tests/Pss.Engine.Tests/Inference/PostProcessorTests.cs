using Pss.Engine.Data;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Training;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Inference;

public sealed class PostProcessorTests
{
    private static readonly (int Width, int Height)[] Sizes = [(16, 16), (14, 6)];

    [Fact]
    public void One_to_many_takes_every_class_of_the_best_locations_of_each_level()
    {
        var found = OneToMany(new() { CandidatesPerLevel = 1, CandidateThreshold = 0.3f });
        // Class times center-ness: 0.9 * 0.5, 0.75 * 0.5 and 0.5 * 0.5. The second location's 0.8 * 0.25 is not the best of its level, and the class of
        // probability 0.25 is below the threshold.
        Check([(4, 4, 12, 12, 0.45f, 1), (0, 0, 8, 8, 0.375f, 0), (0, 0, 8, 8, 0.25f, 1)], found[0]);
        // 0.6 * 0.5, cut off at the edges of its image.
        Check([(8, 0, 14, 6, 0.3f, 1)], found[1]);
    }

    [Fact]
    public void One_to_many_takes_all_locations_of_a_level_that_has_no_more()
    {
        var found = OneToMany(new() { CandidatesPerLevel = 2, CandidateThreshold = 0.7f });
        Check([(4, 4, 12, 12, 0.45f, 1), (0, 0, 8, 8, 0.375f, 0), (8, 0, 16, 8, 0.2f, 0)], found[0]);
        Assert.Empty(found[1]);
    }

    [Fact]
    public void One_to_many_keeps_the_best_above_the_score_threshold()
    {
        var options = new PostProcessingOptions { CandidatesPerLevel = 1, CandidateThreshold = 0.3f };
        Check([(4, 4, 12, 12, 0.45f, 1)], OneToMany(options with { MaxDetections = 1 })[0]);
        Check([(4, 4, 12, 12, 0.45f, 1), (0, 0, 8, 8, 0.375f, 0)], OneToMany(options with { ScoreThreshold = 0.26f })[0]);
    }

    [Fact]
    public void End_to_end_takes_the_best_pairs_of_location_and_class_of_each_image()
    {
        // The selector's probability is 0.5 everywhere: half of the scores above, without candidates and suppression.
        var found = Process(new() { Mode = DetectionMode.EndToEnd, MaxDetections = 2 });
        Check([(4, 4, 12, 12, 0.225f, 1), (0, 0, 8, 8, 0.1875f, 0)], found[0]);
        Check([(8, 0, 14, 6, 0.15f, 1), (8, 0, 14, 6, 0.05f, 0)], found[1]);
    }

    /// <summary>Two classes on levels of 3 x 4 and 2 x 2 locations; the numbers are probabilities in percent, on rows of a level.</summary>
    [Fact]
    public void Local_maxima_are_the_largest_of_their_class_and_level()
    {
        using var scope = NewDisposeScope();
        float[] finest =
        [
            90, 20, 30, 30,
            85, 40, 10, 95,
            10, 60, 50, 95,
        ];
        float[] coarser =
        [
            99, 98,
            97, 96,
        ];
        var (first, second) = (tensor(finest) / 100, tensor(finest.Reverse().ToArray()) / 100);
        var scores = stack([cat([first, tensor(coarser) / 100]), cat([second, zeros(4)])], 1).unsqueeze(0);
        var kept = LocalMaxima.Of(cat([scores, scores.flip(2)]), [new(3, 4, 8), new(2, 2, 16)]);
        // 90 and the two 95 have no larger neighbor. 60 has: 85 lies across the corner.
        long[] ofFinest = [0, 7, 11];
        Assert.Equal([.. ofFinest, 12], Places(kept[0].select(1, 0)));
        Assert.Equal([0, 4, 11, 12, 13, 14, 15], Places(kept[0].select(1, 1)));
        Assert.Equal(Places(kept[0].select(1, 0)), Places(kept[1].select(1, 1)));
        var isKept = kept.ge(0);
        Assert.True(kept.masked_select(isKept).Equals(cat([scores, scores.flip(2)]).masked_select(isKept)));

        static long[] Places(Tensor scores) => scores.ge(0).nonzero().flatten().data<long>().ToArray();
    }

    [Fact]
    public void End_to_end_with_local_maxima_leaves_out_what_a_neighbor_exceeds()
    {
        var options = TinyDetector.Options with { Selector = TinyDetector.Options.Selector! with { LocalMaxima = true } };
        // The second location on the finest level is below its neighbor in both classes; the coarser level has no neighbors.
        var found = Process(new() { Mode = DetectionMode.EndToEnd }, options);
        Check([(4, 4, 12, 12, 0.225f, 1), (0, 0, 8, 8, 0.1875f, 0), (0, 0, 8, 8, 0.125f, 1), (4, 4, 12, 12, 0.0625f, 0)], found[0]);
        Check([(8, 0, 14, 6, 0.15f, 1), (8, 0, 14, 6, 0.05f, 0)], found[1][..2]);
        // Both classes of the coarser level, with equal scores.
        Assert.Equal(4, found[1].Length);
    }

    [Fact]
    public void End_to_end_needs_a_selector()
    {
        var options = TinyDetector.Options with { Selector = null };
        Assert.Equal(DetectionMode.OneToMany, PostProcessor.ModeOf(options, new()));
        Assert.Equal(DetectionMode.EndToEnd, PostProcessor.ModeOf(TinyDetector.Options, new()));
        Assert.Equal(DetectionMode.OneToMany, PostProcessor.ModeOf(TinyDetector.Options, new() { Mode = DetectionMode.OneToMany }));
        Assert.Throws<ArgumentException>(() => PostProcessor.ModeOf(options, new() { Mode = DetectionMode.EndToEnd }));
    }

    private static Detection[][] OneToMany(PostProcessingOptions options) => Process(options with { Mode = DetectionMode.OneToMany });

    /// <summary>Two images of two classes; two locations of stride 8 at (4, 4) and (12, 4), one of stride 16 at (8, 8).</summary>
    private static Detection[][] Process(PostProcessingOptions options, DetectorOptions? detector = null)
    {
        using var scope = NewDisposeScope();
        using var network = (detector ?? TinyDetector.Options).Build();
        var classes = tensor(new[] { 0.75f, 0.5f, 0.8f, 0.2f, 0.25f, 0.9f, 0.01f, 0.01f, 0.2f, 0.6f, 0.01f, 0.01f }, [2, 3, 2]);
        var centerness = tensor(new[] { 0.5f, 0.25f, 0.5f, 0.5f, 0.5f, 0.5f }, [2, 3]);
        var boxes = tensor(new[] { 0.5f, 0.5f, 0.25f }).view(1, 3, 1).expand(2, 3, 4);
        var outputs = new HeadOutputs(Logit(classes), boxes, Logit(centerness), zeros(2, 3), [new(1, 2, 8), new(1, 1, 16)]);
        return new PostProcessor(network, options).Process(outputs, Sizes);

        static Tensor Logit(Tensor probability) => (probability / (1 - probability)).log();
    }

    private static void Check(IEnumerable<(float X1, float Y1, float X2, float Y2, float Score, int Label)> expected, Detection[] found)
    {
        Assert.Equal(expected.Select(d => (d.X1, d.Y1, d.X2, d.Y2, d.Label)), found.Select(d => (d.X1, d.Y1, d.X2, d.Y2, d.Label)));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-6f));
    }
}
