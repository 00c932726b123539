using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Training;

/// <summary>Images to evaluate on between epochs.</summary>
/// <param name="Truth">Their annotations, crowds included.</param>
/// <param name="Load">Decodes the image of that index into <see cref="DetectionDataset.Images"/>; called from several threads.</param>
public sealed record ValidationSet(DetectionDataset Truth, Func<int, RgbImage> Load)
{
    /// <summary>The images of a dataset, from its files.</summary>
    /// <param name="dataset">A dataset read with its images' paths.</param>
    /// <param name="resize">The size at which they are looked at: large JPEGs are decoded at a reduced scale where it needs no more. Null decodes all
    /// pixels.</param>
    /// <exception cref="ArgumentException">An image has no path.</exception>
    public static ValidationSet FromFiles(DetectionDataset dataset, Resize? resize = null)
    {
        if (dataset.Images.FirstOrDefault(image => image.Path is null) is { } lost)
            throw new ArgumentException($"The image '{lost.FileName}' has no path: read the dataset together with the folder of its images.", nameof(dataset));
        var decoding = new ImageDecoding { MaxPixels = dataset.MaxPixels, Sizes = resize is null ? null : [resize] };
        return new(dataset, i => RgbImage.Load(dataset.Images[i].Path!, decoding));
    }
}
