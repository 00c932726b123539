using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;

namespace Pss.Engine.Tests.Data.Loading;

public sealed class BatchPlanTests
{
    [Fact]
    public void No_batch_is_a_single_image()
    {
        for (var count = 2; count < 30; count++)
            for (var size = 2; size < 9; size++)
            {
                var plan = new BatchPlan(Source.Of(count), new() { BatchSize = size, Seed = 1 });
                var batches = plan.Of(0);
                Assert.Equal(plan.BatchesPerEpoch, batches.Count);
                Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(batch => batch).Order());
                Assert.All(batches, batch => Assert.InRange(batch.Length, 2, size == 2 ? 3 : size));
                if (count % size != 1)
                    Assert.Equal((count + size - 1) / size, batches.Count);
            }
        Assert.All(new BatchPlan(Source.Of(5), new() { BatchSize = 1 }).Of(0), batch => Assert.Single(batch));
        Assert.Single(Assert.Single(new BatchPlan(Source.Of(1), new() { BatchSize = 4 }).Of(0)));
    }

    [Fact]
    public void A_lone_tall_image_goes_with_the_wide_ones()
    {
        var plan = new BatchPlan(new Source(Enumerable.Repeat(Array.Empty<int>(), 9)) { Tall = 4 }, new() { BatchSize = 4 });
        Assert.All(plan.Of(0), batch => Assert.InRange(batch.Length, 2, 4));
    }

    [Fact]
    public void Images_of_rare_classes_come_as_often_as_their_factor_says()
    {
        // 100 images have class 0, 4 of them class 1 too, one class 2 too.
        var source = new Source(Enumerable.Range(0, 100).Select(i => i < 4 ? [0, 1] : i == 4 ? new[] { 2, 0, 2 } : [0]));
        const double threshold = 0.09;
        var factors = BatchPlan.RepeatFactors(source, threshold);
        Assert.Equal(1, factors[50]);
        Assert.Equal(Math.Sqrt(threshold / 0.04), factors[0], 1e-12);
        Assert.Equal(Math.Sqrt(threshold / 0.01), factors[4], 1e-12);

        var plan = new BatchPlan(source, new() { BatchSize = 8, Seed = 5, RepeatThreshold = threshold });
        const int epochs = 400;
        var seen = new double[100];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var entries = plan.Of(epoch).SelectMany(batch => batch).ToArray();
            Assert.Equal(plan.BatchesPerEpoch, plan.Of(epoch).Count);
            Assert.Equal((int)Math.Ceiling(factors.Sum()), entries.Length);
            Assert.Equal(entries.Length, entries.Distinct().Count());
            foreach (var group in entries.GroupBy(entry => entry % 100))
            {
                Assert.InRange(group.Count(), Math.Floor(factors[group.Key]), Math.Ceiling(factors[group.Key] * 1.01));
                seen[group.Key] += group.Count();
            }
        }
        Assert.Equal(factors[0], seen.Take(4).Average() / epochs, 0.05);
        Assert.Equal(factors[4], seen[4] / epochs, 0.05);
        Assert.Equal(1, seen.Skip(5).Min() / epochs);
        Assert.Equal(plan.Of(3), plan.Of(3));
        Assert.NotEqual(plan.Of(3).SelectMany(batch => batch), plan.Of(4).SelectMany(batch => batch));
    }

    [Fact]
    public void A_second_time_in_an_epoch_has_draws_of_its_own()
    {
        var source = new Source([[0], [0], [0], [1]]);
        var transform = new SampleTransform(new() { Sizes = Resize.ShortestEdges(32, 320, 1) });
        var loader = new BatchLoader(source, transform, new() { BatchSize = 1, RepeatThreshold = 1, Workers = 1 });
        var sizes = new List<int>();
        foreach (var batch in loader.Epoch(0))
            using (batch)
                if (batch.SampleIndices[0] == 3)
                    sizes.Add(batch.Sizes[0].Height);
        Assert.Equal(2, sizes.Distinct().Count());
    }

    [Fact]
    public void Backgrounds_are_drawn_anew_up_to_their_ratio()
    {
        var source = new Source(Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? new[] { 1 } : [])) { Tall = 7 };
        var plan = new BatchPlan(source, new() { BatchSize = 4, Seed = 2, BackgroundRatio = 0.5 });
        var seen = new HashSet<int>();
        for (var epoch = 0; epoch < 30; epoch++)
        {
            var entries = plan.Of(epoch).SelectMany(batch => batch).ToArray();
            Assert.Equal(30, entries.Length);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => 3 * i), entries.Where(index => source.LabelsOf(index).Count > 0).Order());
            seen.UnionWith(entries);
        }
        Assert.Equal(60, seen.Count);
        Assert.Equal(60, new BatchPlan(source, new() { BackgroundRatio = 2 }).Of(0).Sum(batch => batch.Length));
        var empty = new Source([[], []]);
        Assert.Contains("no sample has objects", Assert.Throws<ArgumentException>(() => new BatchLoader(empty, new(new()), new() { BackgroundRatio = 1 })).Message);
    }

    private sealed class Source(IEnumerable<int[]> labels) : ISampleSource
    {
        private readonly int[][] _labels = [.. labels];

        public static Source Of(int count) => new(Enumerable.Repeat(Array.Empty<int>(), count));

        public int Tall { get; init; } = -1;

        public int Count => _labels.Length;

        public (int Width, int Height) SizeOf(int index) => index == Tall ? (40, 60) : (60, 40);

        public IReadOnlyList<int> LabelsOf(int index) => _labels[index];

        public TrainingSample Load(int index) => new(new(60, 40), [.. _labels[index].SelectMany(_ => new float[] { 5, 5, 30, 30 })], _labels[index]);
    }
}
