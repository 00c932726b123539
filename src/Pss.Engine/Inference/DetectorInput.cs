using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Inference;

/// <summary>Images scaled and packed into one padded batch of bytes, on the host. Needs no device: it can be made ahead of the network.</summary>
/// <param name="Pixels">Red, green, blue planes of each image, [N, 3, Height, Width].</param>
/// <param name="Width">Width of the batch, a multiple of 32.</param>
/// <param name="Height">Height of the batch, a multiple of 32.</param>
/// <param name="Geometries">How each image was scaled.</param>
internal sealed record DetectorInput(byte[] Pixels, int Width, int Height, IReadOnlyList<ResizeGeometry> Geometries)
{
    /// <summary>Width and height of each image inside the batch.</summary>
    public IReadOnlyList<(int Width, int Height)> ImageSizes { get; } = [.. Geometries.Select(geometry => (geometry.Width, geometry.Height))];

    /// <summary>Scales images, side by side on the processors, and packs them.</summary>
    /// <param name="images">One or more images of any sizes.</param>
    /// <param name="resize">How they are brought to the network's size.</param>
    /// <exception cref="ArgumentException">There are no images, or the batch would pass 2 GB.</exception>
    public static DetectorInput Create(IReadOnlyList<RgbImage> images, Resize resize)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count);
        var geometries = images.Select(image => resize.For(image.FullWidth, image.FullHeight)).ToArray();
        var width = Resize.RoundUp(geometries.Max(geometry => geometry.OutWidth));
        var height = Resize.RoundUp(geometries.Max(geometry => geometry.OutHeight));
        if (3L * width * height * images.Count > Array.MaxLength)
            throw new ArgumentException($"{images.Count} images of {width} x {height} pixels pass {Array.MaxLength} bytes: detect on fewer at a time, or scale them to less.", nameof(images));
        var size = 3 * width * height;
        var pixels = new byte[size * images.Count];
        Parallel.For(0, images.Count, i =>
        {
            var padded = geometries[i] with { OutWidth = width, OutHeight = height };
            padded.WritePlanes(images[i], pixels.AsSpan(i * size, size));
        });
        return new(pixels, width, height, geometries);
    }

    /// <summary>One image that is scaled already.</summary>
    /// <param name="pixels">What <see cref="Resize.WriteInput"/> wrote; copied.</param>
    /// <param name="width">Width of the original image.</param>
    /// <param name="height">Height of the original image.</param>
    /// <param name="resize">How it was scaled.</param>
    /// <exception cref="ArgumentException">There are more or fewer bytes than that.</exception>
    public static DetectorInput FromScaled(ReadOnlySpan<byte> pixels, int width, int height, Resize resize)
    {
        var (inputWidth, inputHeight) = resize.InputSize(width, height);
        if (pixels.Length != 3 * inputWidth * inputHeight)
            throw new ArgumentException($"{pixels.Length} bytes were given for an input of 3 x {inputHeight} x {inputWidth}.", nameof(pixels));
        return new(pixels.ToArray(), inputWidth, inputHeight, [resize.For(width, height)]);
    }

    /// <summary>Takes detections of each image from the network's input to the pixels of the original image.</summary>
    internal IReadOnlyList<IReadOnlyList<Detection>> ToOriginal(Detection[][] detections)
        => [.. detections.Select((found, i) =>
        {
            var (x, y) = ((float)Geometries[i].ScaleX, (float)Geometries[i].ScaleY);
            // Rounding must not lead over the edge.
            var (width, height) = (Geometries[i].SourceWidth, Geometries[i].SourceHeight);
            return Array.ConvertAll(found, d => d with
            {
                X1 = Math.Min(d.X1 / x, width),
                Y1 = Math.Min(d.Y1 / y, height),
                X2 = Math.Min(d.X2 / x, width),
                Y2 = Math.Min(d.Y2 / y, height),
            });
        })];
}
