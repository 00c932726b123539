using System.Runtime.InteropServices;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Tool;

/// <summary>Draws boxes with labels on a picture.</summary>
internal static class Drawing
{
    private const int Quality = 90;

    /// <summary>The picture as a JPEG file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="boxes">The boxes: left, top, right and bottom in pixels, the text, and the class, which gives the color.</param>
    public static byte[] Jpeg(RgbImage image, IEnumerable<(float X1, float Y1, float X2, float Y2, string Text, int Label)> boxes)
    {
        using var bitmap = Bitmap(image);
        using var canvas = new SKCanvas(bitmap);
        var (scaleX, scaleY) = ((float)image.Width / image.FullWidth, (float)image.Height / image.FullHeight);
        var line = Math.Max(1.5f, Math.Min(image.Width, image.Height) / 250f);
        using var font = new SKFont(SKTypeface.Default, 8 * line);
        using var measure = new SKPaint(font);
        foreach (var (x1, y1, x2, y2, text, label) in boxes)
        {
            using var paint = new SKPaint { Color = SKColor.FromHsl(label * 137.5f % 360, 80, 62), Style = SKPaintStyle.Stroke, StrokeWidth = line, IsAntialias = true };
            var box = new SKRect(x1 * scaleX, y1 * scaleY, x2 * scaleX, y2 * scaleY);
            canvas.DrawRect(box, paint);
            paint.Style = SKPaintStyle.Fill;
            var (width, height) = (measure.MeasureText(text) + 2 * line, font.Size * 1.2f);
            var top = box.Top >= height ? box.Top - height : box.Top;
            var left = Math.Max(0, Math.Min(box.Left, image.Width - width));
            canvas.DrawRect(new SKRect(left, top, left + width, top + height), paint);
            paint.Color = SKColors.Black;
            canvas.DrawText(text, left + line, top + font.Size, font, paint);
        }
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return encoded.ToArray();
    }

    private static SKBitmap Bitmap(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = new byte[4 * image.Width * image.Height];
        for (int from = 0, to = 0; from < image.Pixels.Length; from += 3, to += 4)
        {
            image.Pixels.AsSpan(from, 3).CopyTo(pixels.AsSpan(to));
            pixels[to + 3] = 255;
        }
        Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        return bitmap;
    }
}
