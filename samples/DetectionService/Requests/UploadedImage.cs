using SkiaSharp;

namespace DetectionService.Requests;

/// <summary>An image file whose header has been checked, so that it may be decoded.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="Width">Width of the upright picture in pixels.</param>
/// <param name="Height">Height of the upright picture in pixels.</param>
internal sealed record UploadedImage(byte[] Bytes, int Width, int Height)
{
    /// <summary>Scans of a progressive JPEG above which it can only be made to keep the decoder busy; programs write about 10.</summary>
    private const int MaxScans = 100;

    private const string Formats = "JPEG, PNG, WebP, BMP, GIF or ICO";

    private static ReadOnlySpan<byte> StartOfScan => [0xFF, 0xDA];

    public int Pixels => Width * Height;

    /// <summary>Checks format and size of an image file without decoding it.</summary>
    /// <exception cref="RequestProblem">The file is empty, no image, damaged, or too large to decode.</exception>
    public static UploadedImage Read(byte[] bytes, int maxPixels)
    {
        if (bytes.Length == 0)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The image is empty. Send the bytes of a {Formats} file.");
        using var codec = SKCodec.Create(new MemoryStream(bytes), out var result);
        if (codec is null)
        {
            throw result == SKCodecResult.Unimplemented
                ? new RequestProblem(StatusCodes.Status415UnsupportedMediaType, $"The file is no image that can be read. Send a {Formats} file.")
                : new RequestProblem(StatusCodes.Status400BadRequest, $"The image's header is damaged, or the file is cut short.");
        }
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png or SKEncodedImageFormat.Webp or SKEncodedImageFormat.Bmp
            or SKEncodedImageFormat.Gif or SKEncodedImageFormat.Ico))
            throw new RequestProblem(StatusCodes.Status415UnsupportedMediaType, $"{codec.EncodedFormat} images are not read. Send a {Formats} file.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > maxPixels)
            throw new RequestProblem(StatusCodes.Status413PayloadTooLarge, $"The image has {width} x {height} pixels, more than {maxPixels:N0}. Send a smaller one.");
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && bytes.AsSpan().Count(StartOfScan) > MaxScans)
            throw new RequestProblem(StatusCodes.Status400BadRequest, $"The JPEG image has more than {MaxScans} scans. Send it as a baseline JPEG.");
        return codec.EncodedOrigin >= SKEncodedOrigin.LeftTop ? new(bytes, height, width) : new(bytes, width, height);
    }
}
