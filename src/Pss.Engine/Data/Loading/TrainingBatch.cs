using System.Buffers;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Loading;

/// <summary>A batch of images, padded at the right and bottom to a common size, with their objects. Dispose it to return its memory to the
/// pool; its arrays must not be used afterwards.</summary>
internal sealed class TrainingBatch : IDisposable
{
    private byte[]? _pixels;

    private TrainingBatch(byte[] pixels) => _pixels = pixels;

    /// <summary>Number of images, N.</summary>
    public int Count => SampleIndices.Length;

    /// <summary>Height of all images with padding, H.</summary>
    public required int Height { get; init; }

    /// <summary>Width of all images with padding, W.</summary>
    public required int Width { get; init; }

    /// <summary>The pixels as [N, 3, H, W], red first, 0 in the padding. The array may be longer than <see cref="PixelCount"/>.</summary>
    /// <exception cref="ObjectDisposedException">The batch was disposed.</exception>
    public byte[] Pixels => _pixels ?? throw new ObjectDisposedException(nameof(TrainingBatch));

    /// <summary>Used bytes of <see cref="Pixels"/>: N * 3 * H * W.</summary>
    public int PixelCount => Count * 3 * Height * Width;

    /// <summary>The size of each image without padding.</summary>
    public required (int Height, int Width)[] Sizes { get; init; }

    /// <summary>x1, y1, x2, y2 of every object of the batch, in pixels of the padded images; image by image.</summary>
    public required float[] Boxes { get; init; }

    /// <summary>The label of every object.</summary>
    public required int[] Labels { get; init; }

    /// <summary>The image of every object, 0 to N-1; ascending.</summary>
    public required int[] ImageOfObject { get; init; }

    /// <summary>The mask of every object in pixels of its image without padding (<see cref="Sizes"/>), with null for an object without one; null
    /// where masks were not asked for.</summary>
    public Segmentation?[]? Masks { get; init; }

    /// <summary>The masks as detectors learn them; null where masks were not asked for.</summary>
    public SampledMasks? SampledMasks { get; init; }

    /// <summary>The index of every image in the sample source.</summary>
    public required int[] SampleIndices { get; init; }

    /// <summary>The index of every image of the pass in the sample source, those of other processes included.</summary>
    public required int[] PassIndices { get; init; }

    /// <summary>The part of a process that gets no image of a pass.</summary>
    /// <param name="passIndices">The indices of the images of the pass.</param>
    public static TrainingBatch Empty(int[] passIndices)
        => new([]) { Height = 0, Width = 0, Sizes = [], Boxes = [], Labels = [], ImageOfObject = [], SampleIndices = [], PassIndices = passIndices };

    /// <summary>Collates samples into a batch.</summary>
    /// <param name="samples">The augmented samples.</param>
    /// <param name="sampleIndices">Their indices in the source.</param>
    /// <param name="sizeDivisor">Height and width are rounded up to a multiple of this.</param>
    /// <param name="passIndices">The indices of all images of the pass; null for those of the samples.</param>
    /// <exception cref="ArgumentException">There are no samples, or the batch would exceed 2 GB.</exception>
    public static TrainingBatch Collate(IReadOnlyList<TrainingSample> samples, int[] sampleIndices, int sizeDivisor = 32, int[]? passIndices = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        var height = RoundUp(samples.Max(sample => sample.Image.Height), sizeDivisor);
        var width = RoundUp(samples.Max(sample => sample.Image.Width), sizeDivisor);
        var size = 3L * height * width;
        if (size * samples.Count > Array.MaxLength)
            throw new ArgumentException($"{samples.Count} images of 3 x {height} x {width} exceed {Array.MaxLength} bytes; use a smaller batch", nameof(samples));
        var pixels = ArrayPool<byte>.Shared.Rent((int)(size * samples.Count));
        for (var i = 0; i < samples.Count; i++)
            WriteImage(samples[i].Image, pixels.AsSpan((int)(i * size), (int)size), height, width);
        var hasMasks = samples.Any(sample => sample.Masks is not null);
        return new(pixels)
        {
            Height = height,
            Width = width,
            Sizes = [.. samples.Select(sample => (sample.Image.Height, sample.Image.Width))],
            Boxes = [.. samples.SelectMany(sample => sample.Boxes)],
            Labels = [.. samples.SelectMany(sample => sample.Labels)],
            ImageOfObject = [.. samples.SelectMany((sample, i) => Enumerable.Repeat(i, sample.Labels.Length))],
            Masks = hasMasks ? [.. samples.SelectMany(sample => sample.Masks ?? new Segmentation?[sample.Labels.Length])] : null,
            SampledMasks = hasMasks ? SampledMasks.Create(samples, height, width) : null,
            SampleIndices = sampleIndices,
            PassIndices = passIndices ?? sampleIndices,
        };
    }

    /// <summary>The same images with more padding at the right and bottom; this batch is disposed of.</summary>
    /// <param name="height">The new height, a multiple of 32.</param>
    /// <param name="width">The new width, a multiple of 32.</param>
    public TrainingBatch PadTo(int height, int width)
    {
        var size = (long)Count * 3 * height * width;
        if (size > Array.MaxLength)
            throw new ArgumentException($"{Count} images of 3 x {height} x {width} exceed {Array.MaxLength} bytes; use a smaller batch", nameof(height));
        var pixels = ArrayPool<byte>.Shared.Rent((int)size);
        pixels.AsSpan(0, (int)size).Clear();
        for (var row = 0; row < Count * 3 * Height; row++)
            Pixels.AsSpan(row * Width, Width).CopyTo(pixels.AsSpan((row / Height * height + row % Height) * width));
        var padded = new TrainingBatch(pixels)
        {
            Height = height,
            Width = width,
            Sizes = Sizes,
            Boxes = Boxes,
            Labels = Labels,
            ImageOfObject = ImageOfObject,
            Masks = Masks,
            SampledMasks = SampledMasks?.PadTo(Count, height, width),
            SampleIndices = SampleIndices,
            PassIndices = PassIndices,
        };
        Dispose();
        return padded;
    }

    /// <summary>Returns the memory to the pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { Length: > 0 } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }

    private static void WriteImage(RgbImage image, Span<byte> planes, int height, int width)
    {
        planes.Clear();
        var stride = 3 * image.Width;
        for (var y = 0; y < image.Height; y++)
            Planes.WriteRow(image.Pixels.AsSpan(y * stride, stride), planes, y, width, height);
    }

    private static int RoundUp(int value, int divisor) => (value + divisor - 1) / divisor * divisor;
}
