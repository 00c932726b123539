using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;

namespace Pss.Engine.Tests.Data.Loading;

public sealed class BatchLoaderTests
{
    private static readonly SampleTransform Transform = new(new() { Sizes = Resize.ShortestEdges(32, 64, 8), Brightness = 0.3, Crop = 0.5 });

    [Fact]
    public void Batches_do_not_depend_on_threads_or_timing()
    {
        var expected = Digests(new Source(), workers: 1, prefetch: 1);
        Assert.Equal(expected, Digests(new Source { Jitter = true }, workers: 4, prefetch: 3));
        Assert.Equal(expected, Digests(new Source { Jitter = true }, workers: 2, prefetch: 2));
        Assert.NotEqual(expected, Digests(new Source(), workers: 1, prefetch: 1, epoch: 1));
        Assert.NotEqual(expected, Digests(new Source(), workers: 1, prefetch: 1, seed: 8));
    }

    [Fact]
    public void An_epoch_goes_on_from_any_batch()
    {
        var all = Digests(new Source(), workers: 2, prefetch: 2);
        for (var first = 0; first <= all.Count; first++)
            Assert.Equal(all.Skip(first), Digests(new Source(), workers: 2, prefetch: 2, first: first));
    }

    [Fact]
    public void An_epoch_holds_every_sample_once_and_groups_by_aspect()
    {
        var source = new Source();
        var plan = new BatchPlan(source, new() { BatchSize = 4, Seed = 3 });
        var batches = plan.Of(0);
        Assert.Equal(plan.BatchesPerEpoch, batches.Count);
        Assert.Equal(Enumerable.Range(0, source.Count), batches.SelectMany(batch => batch).Order());
        Assert.All(batches, batch => Assert.Single(batch.Select(index => source.SizeOf(index) is var (w, h) && w >= h).Distinct()));
        Assert.NotEqual(batches.SelectMany(batch => batch), plan.Of(1).SelectMany(batch => batch));
        var inOrder = new BatchPlan(source, new() { BatchSize = 4, Shuffle = false, GroupByAspect = false });
        Assert.Equal(Enumerable.Range(0, source.Count), inOrder.Of(5).SelectMany(batch => batch));
    }

    [Fact]
    public void A_batch_holds_the_pixels_boxes_and_sizes_of_its_samples()
    {
        var samples = new[] { new Source().Load(0), new Source().Load(1) };
        using var batch = TrainingBatch.Collate(samples, [0, 1]);
        Assert.Equal((0, 0), (batch.Height % 32, batch.Width % 32));
        Assert.Equal(batch.Count * 3 * batch.Height * batch.Width, batch.PixelCount);
        for (var i = 0; i < 2; i++)
            for (var c = 0; c < 3; c++)
                for (var y = 0; y < batch.Height; y++)
                    for (var x = 0; x < batch.Width; x++)
                    {
                        var image = samples[i].Image;
                        var expected = x < image.Width && y < image.Height ? image.Pixels[3 * (y * image.Width + x) + c] : 0;
                        Assert.Equal(expected, batch.Pixels[((i * 3 + c) * batch.Height + y) * batch.Width + x]);
                    }
        Assert.Equal(samples.SelectMany(sample => sample.Boxes), batch.Boxes);
        Assert.Equal([0, 1, 1], batch.ImageOfObject);
        Assert.Equal(samples.Select(sample => (sample.Image.Height, sample.Image.Width)), batch.Sizes);
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Pixels);
    }

    [Fact]
    public void Processes_share_the_images_of_each_batch()
    {
        BatchLoaderOptions options = new() { BatchSize = 4, Seed = 2, Workers = 1 };
        var whole = new BatchLoader(new Source(), Transform, options).Epoch(0).Select(batch => batch.SampleIndices).ToArray();
        foreach (var rank in Enumerable.Range(0, 3))
        {
            var parts = new BatchLoader(new Source(), Transform, options with { Processes = 3, Rank = rank }).Epoch(0).ToArray();
            Assert.Equal(whole, parts.Select(batch => batch.PassIndices));
            Assert.Equal(whole.Select(all => all.Where((_, i) => i % 3 == rank)), parts.Select(batch => batch.SampleIndices));
        }
    }

    [Fact]
    public void A_padded_batch_is_the_one_that_larger_images_make()
    {
        var mask = Segmentation.FromPolygons([[2, 2, 50, 4, 40, 60]]);
        TrainingSample[] samples = [Sample(40, 60), Sample(64, 30), Sample(90, 130)];
        using var whole = TrainingBatch.Collate(samples, [0, 1, 2]);
        using var padded = TrainingBatch.Collate(samples[..2], [0, 1]).PadTo(whole.Height, whole.Width);
        Assert.Equal((whole.Height, whole.Width), (padded.Height, padded.Width));
        Assert.Equal(whole.Pixels[..padded.PixelCount], padded.Pixels[..padded.PixelCount]);
        var (of, expected) = (padded.SampledMasks!, whole.SampledMasks!);
        Assert.Equal((expected.Rows, expected.Columns, expected.ClassRows, expected.ClassColumns), (of.Rows, of.Columns, of.ClassRows, of.ClassColumns));
        Assert.Equal(expected.Pixels[..of.Pixels.Length], of.Pixels);
        Assert.Equal(expected.Classes[..of.Classes.Length], of.Classes);
        Assert.Equal(expected.Centroids[..4], of.Centroids);

        TrainingSample Sample(int height, int width)
        {
            var image = new RgbImage(width, height);
            new Random(height).NextBytes(image.Pixels);
            return new(image, [2, 2, 50, 60], [0]) { Masks = [mask] };
        }
    }

    [Fact]
    public void A_sample_that_fails_is_named_and_the_batches_before_it_arrive()
    {
        var loader = new BatchLoader(new Source { Broken = 5 }, Transform, new() { BatchSize = 2, Shuffle = false, GroupByAspect = false, Workers = 2 });
        var arrived = 0;
        var fault = Assert.Throws<InvalidDataException>(() =>
        {
            foreach (var batch in loader.Epoch(0))
            {
                arrived++;
                batch.Dispose();
            }
        });
        Assert.Equal(2, arrived);
        Assert.Contains("sample 5", fault.Message);
        Assert.Contains("broken.jpg", fault.Message);
    }

    [Fact]
    public void Canceling_ends_the_wait_and_the_threads()
    {
        using var cancel = new CancellationTokenSource();
        var source = new Source { Jitter = true };
        var loader = new BatchLoader(source, Transform, new() { BatchSize = 2, Workers = 2 });
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var batch in loader.Epoch(0, cancellationToken: cancel.Token))
            {
                batch.Dispose();
                cancel.Cancel();
            }
        });
        var loaded = source.Loaded;
        Thread.Sleep(50);
        Assert.Equal(loaded, source.Loaded);
        Assert.True(loaded < source.Count);
    }

    [Fact]
    public void No_more_is_made_ahead_than_was_asked()
    {
        var source = new Source();
        var loader = new BatchLoader(source, Transform, new() { BatchSize = 2, Workers = 3, Prefetch = 1, GroupByAspect = false });
        using var batches = loader.Epoch(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        Thread.Sleep(100);
        Assert.InRange(source.Loaded, 2, 4);
        batches.Current.Dispose();
    }

    [Fact]
    public void Epochs_follow_each_other_with_the_batches_that_each_has_alone()
    {
        var options = new BatchLoaderOptions { BatchSize = 3, Seed = 7, Workers = 2, Epochs = 4, Prefetch = 1 };
        var alone = Enumerable.Range(1, 3).SelectMany(epoch => new BatchLoader(new Source(), Transform, options).Epoch(epoch)).ToArray();
        var together = new BatchLoader(new Source(), Transform, options).From(1, 2).ToArray();
        Assert.Equal(alone.Skip(2).Select(batch => batch.Pixels[..batch.PixelCount]), together.Select(batch => batch.Pixels[..batch.PixelCount]));
        Assert.Equal(alone.Skip(2).Select(batch => batch.SampleIndices), together.Select(batch => batch.SampleIndices));
    }

    [Fact]
    public void The_next_epoch_is_begun_before_the_last_batch_of_one_is_used()
    {
        var source = new Source();
        var loader = new BatchLoader(source, Transform, new() { BatchSize = source.Count, Workers = 1, Prefetch = 1, Epochs = 2, GroupByAspect = false });
        using var batches = loader.From(0).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.True(SpinWait.SpinUntil(() => source.Loaded == 2 * source.Count, TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_dataset_becomes_samples_without_crowds_and_slivers()
    {
        using var folder = new TemporaryFolder();
        new RgbImage(64, 48).SavePng(folder["a.png"]);
        ObjectAnnotation[] objects =
        [
            new() { Label = 1, Box = new(10, 11, 12, 13) },
            new() { Label = 0, Box = new(0, 0, 30, 30), IsCrowd = true },
            new() { Label = 0, Box = new(5, 5, 0.5, 20) },
            new() { Label = 0, Box = new(64.5, 5, 10, 20) },
        ];
        var image = new ImageRecord { Id = 1, FileName = "a.png", Width = 64, Height = 48, Path = folder["a.png"], Objects = objects };
        var empty = image with { Id = 2, Objects = [] };
        var small = image with { Id = 3, Height = 20 };
        var data = new DetectionDataset { Categories = [new(1, "a"), new(2, "b")], Images = [empty, image, small] };

        var source = new DatasetSampleSource(data);
        Assert.Equal(1, source.Count);
        Assert.Equal((64, 48), source.SizeOf(0));
        var sample = source.Load(0);
        Assert.Equal([10, 11, 22, 24], sample.Boxes);
        Assert.Equal([1], sample.Labels);
        Assert.NotSame(sample.Image, source.Load(0).Image);
        var cached = new DatasetSampleSource(data, cacheBytes: 64 * 48 * 3);
        Assert.Same(cached.Load(0).Image, cached.Load(0).Image);
        Assert.Equal(2, new DatasetSampleSource(data, keepEmpty: true).Count);
        var lying = new DetectionDataset { Categories = data.Categories, Images = [image with { Width = 65 }] };
        Assert.Contains("a.png", Assert.Throws<InvalidDataException>(() => new DatasetSampleSource(lying).Load(0)).Message);
    }

    [Fact]
    public void Mosaics_and_mixups_do_not_depend_on_threads_and_end_with_the_last_epochs()
    {
        var all = new AugmentationOptions { Sizes = Resize.ShortestEdges(32, 64, 8), Mosaic = 0.5, Mixup = 0.5, Affine = 0.5, Brightness = 0.2, Crop = 0.3, CloseEpochs = 2 };
        var transform = new SampleTransform(all);
        var expected = Digests(new Source(), 1, 1, transform: transform);
        Assert.Equal(expected, Digests(new Source { Jitter = true }, 4, 3, transform: transform));
        Assert.Equal(expected.Skip(2), Digests(new Source { Jitter = true }, 2, 2, first: 2, transform: transform));
        var plain = new SampleTransform(all with { Mosaic = 0, Mixup = 0, Affine = 0 });
        for (var epoch = 0; epoch < 4; epoch++)
        {
            var (open, closed) = (Digests(new Source(), 2, 2, epoch: epoch, transform: transform, epochs: 4), Digests(new Source(), 2, 2, epoch: epoch, transform: plain));
            Assert.Equal(epoch >= 2, open.SequenceEqual(closed));
        }
    }

    [Fact]
    public void A_sample_that_fails_in_a_mosaic_is_named()
    {
        var transform = new SampleTransform(new() { Sizes = [Resize.ShortestEdge(32)], Mosaic = 1 });
        var loader = new BatchLoader(new Source { Broken = 5 }, transform, new() { BatchSize = 20, Shuffle = false, GroupByAspect = false });
        Assert.Contains("sample 5 cannot be loaded: broken.jpg", Assert.Throws<InvalidDataException>(() => loader.Epoch(0).First().Dispose()).Message);
    }

    private static List<string> Digests(
        Source source, int workers, int prefetch, int first = 0, int epoch = 0, long seed = 7, SampleTransform? transform = null, int epochs = int.MaxValue)
    {
        var loader = new BatchLoader(source, transform ?? Transform, new() { BatchSize = 3, Seed = seed, Workers = workers, Prefetch = prefetch, Epochs = epochs });
        var digests = new List<string>();
        foreach (var batch in loader.Epoch(epoch, first))
        {
            using (batch)
                digests.Add(string.Join(' ', batch.SampleIndices) + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(batch.Pixels.AsSpan(0, batch.PixelCount)))
                    + string.Join(' ', batch.Boxes) + string.Join(' ', batch.Labels));
        }
        return digests;
    }

    /// <summary>Twenty random images, made anew at every load.</summary>
    private sealed class Source : ISampleSource
    {
        private int _loaded;

        public bool Jitter { get; init; }
        public int Broken { get; init; } = -1;
        public int Loaded => Volatile.Read(ref _loaded);
        public int Count => 20;

        public (int Width, int Height) SizeOf(int index) => index % 3 == 0 ? (40, 60) : (50 + index, 35);

        public TrainingSample Load(int index)
        {
            Interlocked.Increment(ref _loaded);
            if (Jitter)
                Thread.Sleep(Random.Shared.Next(8));
            if (index == Broken)
                throw new InvalidDataException("broken.jpg: is damaged");
            var random = new SeededRandom(index);
            var (width, height) = SizeOf(index);
            var image = new RgbImage(width, height);
            for (var i = 0; i < image.Pixels.Length; i++)
                image.Pixels[i] = (byte)random.Next(256);
            return index % 2 == 0
                ? new(image, [1, 2, 20, 30], [index])
                : new(image, [1, 2, 20, 30, 5, 5, 9.5f, 9], [index, 1]);
        }
    }
}
