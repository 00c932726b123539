using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Loading;

/// <summary>Training samples of a dataset whose images are on disk, or come from the caller: what <see cref="TrainingSelection"/> takes.</summary>
internal sealed class DatasetSampleSource : ISampleSource
{
    private readonly IReadOnlyList<ImageRecord> _images;
    private readonly ObjectAnnotation[][] _objects;
    private readonly DetectionDataset _dataset;
    private readonly ImageDecoding _decoding;
    private readonly bool _masks;
    private readonly RgbImage?[] _cache;
    private long _cacheBytesLeft;

    /// <summary>Makes a source.</summary>
    /// <param name="dataset">The dataset, with its images.</param>
    /// <param name="keepEmpty">Whether to keep images without objects, as background.</param>
    /// <param name="cacheBytes">Decoded images are kept in memory up to this many bytes (3 per pixel), since decoding takes most of the loading time.</param>
    /// <param name="augmentation">The augmentation of the samples: large JPEGs are decoded at a reduced scale if its sizes need no more, and their samples
    /// are the reduced images with boxes to match. Null decodes all pixels.</param>
    /// <param name="masks">Whether samples carry the masks of their objects (<see cref="TrainingSample.Masks"/>), as mask heads need.</param>
    /// <exception cref="ArgumentException">An image has no path, or no image is left; the message names it.</exception>
    public DatasetSampleSource(
        DetectionDataset dataset, bool keepEmpty = false, long cacheBytes = 0, AugmentationOptions? augmentation = null, bool masks = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var selection = new TrainingSelection(dataset, keepEmpty);
        selection.RequireImages(masks);
        dataset.RequireImages();
        (_dataset, _decoding, _masks) = (dataset, augmentation is null ? new() : augmentation.Decoding, masks);
        _images = [.. selection.Kept.Select(item => item.Image)];
        _objects = [.. selection.Kept.Select(item => item.Objects)];
        _cache = new RgbImage?[_images.Count];
        _cacheBytesLeft = cacheBytes;
    }

    /// <summary>The images in use; indices are those of the samples.</summary>
    public IReadOnlyList<ImageRecord> Images => _images;

    /// <inheritdoc/>
    public int Count => _images.Count;

    /// <inheritdoc/>
    public (int Width, int Height) SizeOf(int index) => (_images[index].Width, _images[index].Height);

    /// <inheritdoc/>
    public IReadOnlyList<int> LabelsOf(int index) => Array.ConvertAll(_objects[index], item => item.Label);

    /// <inheritdoc/>
    public string NameOf(int index) => _images[index].Path ?? _images[index].FileName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or not of the stated size; the message names it.</exception>
    public TrainingSample Load(int index)
    {
        var record = _images[index];
        var image = _cache[index] ?? Decode(index, record);
        var objects = _objects[index];
        // The following steps treat a reduced image as a whole one.
        var pixels = image.Frame.IsReduced ? new(image.Width, image.Height, image.Pixels) : image;
        return new(pixels, [.. objects.SelectMany(item => Corners(item.Box, image.Frame))], [.. objects.Select(item => item.Label)])
        {
            Masks = _masks ? Masks(objects, image) : null,
        };
    }

    private static Segmentation?[] Masks(ObjectAnnotation[] objects, RgbImage image)
    {
        var (masks, frame) = (Array.ConvertAll(objects, item => item.Mask), image.Frame);
        return frame.IsReduced ? new MaskTransform(frame.Scale, frame.Left, frame.Scale, frame.Top, image.Width, image.Height).Apply(masks)! : masks;
    }

    private RgbImage Decode(int index, ImageRecord record)
    {
        var image = _dataset.LoadImage(record, _decoding);
        if ((image.FullWidth, image.FullHeight) != (record.Width, record.Height))
            throw new InvalidDataException($"{record.Path ?? record.FileName} is {image.FullWidth} x {image.FullHeight}, but the dataset says {record.Width} x {record.Height}");
        if (Interlocked.Add(ref _cacheBytesLeft, -image.Pixels.Length) >= 0)
            _cache[index] = image;
        return image;
    }

    private static float[] Corners(BoundingBox box, PixelFrame frame) => [frame.X(box.X), frame.Y(box.Y), frame.X(box.X2), frame.Y(box.Y2)];
}
