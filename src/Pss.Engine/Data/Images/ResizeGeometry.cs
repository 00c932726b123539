namespace Pss.Engine.Data.Images;

/// <summary>The geometry of an image at the network's input: scaled to Width x Height, at the top left of OutWidth x OutHeight pixels, as in the
/// padded batches of training.</summary>
/// <param name="SourceWidth">Width of the original image.</param>
/// <param name="SourceHeight">Height of the original image.</param>
/// <param name="Width">Width of the scaled image.</param>
/// <param name="Height">Height of the scaled image.</param>
/// <param name="OutWidth">Width with padding.</param>
/// <param name="OutHeight">Height with padding.</param>
internal readonly record struct ResizeGeometry(int SourceWidth, int SourceHeight, int Width, int Height, int OutWidth, int OutHeight)
{
    /// <summary>Input pixels per original pixel along x: the actual ratio after rounding the size.</summary>
    public double ScaleX => (double)Width / SourceWidth;

    /// <summary>Input pixels per original pixel along y.</summary>
    public double ScaleY => (double)Height / SourceHeight;

    /// <summary>Scales an image; the padding is black.</summary>
    /// <exception cref="ArgumentException">The image is not of the source size.</exception>
    public RgbImage Apply(RgbImage image)
    {
        Check(image);
        if ((Width, Height, OutWidth, OutHeight) == (image.Width, image.Height, image.Width, image.Height) && !image.Frame.IsReduced)
            return image;
        var result = new RgbImage(OutWidth, OutHeight);
        var stride = 3 * OutWidth;
        BilinearScaler.Scale(image, Width, Height, (y, row) => row.CopyTo(result.Pixels.AsSpan(y * stride)));
        return result;
    }

    /// <summary>Scales an image into planes: all red, then all green, then all blue, each OutHeight rows of OutWidth; the padding is 0.</summary>
    /// <param name="image">The image.</param>
    /// <param name="planes">3 * OutHeight * OutWidth bytes.</param>
    /// <exception cref="ArgumentException">The image is not of the source size, or the span is of another length.</exception>
    public void WritePlanes(RgbImage image, Span<byte> planes)
    {
        Check(image);
        if (planes.Length != 3 * OutWidth * OutHeight)
            throw new ArgumentException($"{planes.Length} bytes were given for planes of 3 x {OutHeight} x {OutWidth}", nameof(planes));
        planes.Clear();
        unsafe
        {
            fixed (byte* first = planes)
            {
                var (at, outWidth, outHeight) = ((nint)first, OutWidth, OutHeight);
                BilinearScaler.Scale(image, Width, Height, (y, row) => Planes.WriteRow(row, new((void*)at, 3 * outWidth * outHeight), y, outWidth, outHeight));
            }
        }
    }

    private void Check(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if ((image.FullWidth, image.FullHeight) != (SourceWidth, SourceHeight))
            throw new ArgumentException($"the image is {image.FullWidth} x {image.FullHeight}, the geometry is for {SourceWidth} x {SourceHeight}", nameof(image));
    }
}
