using System.Runtime.InteropServices;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Tool;

/// <summary>Draws boxes with labels, and masks, on a picture.</summary>
internal static class Drawing
{
    private const int Quality = 90;

    /// <summary>The picture as a JPEG file.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="objects">Left, top, right and bottom in pixels of the whole picture, the text, the class, which gives the color, and the mask.</param>
    public static byte[] Jpeg(RgbImage image, IReadOnlyList<(float X1, float Y1, float X2, float Y2, string Text, int Label, Segmentation? Mask)> objects)
    {
        using var bitmap = Bitmap(image, objects.Select(item => (item.Mask, item.Label)));
        using var canvas = new SKCanvas(bitmap);
        var (scaleX, scaleY) = ((float)image.Width / image.FullWidth, (float)image.Height / image.FullHeight);
        var line = Math.Max(1.5f, Math.Min(image.Width, image.Height) / 250f);
        using var font = new SKFont(SKTypeface.Default, 8 * line);
        using var measure = new SKPaint(font);
        foreach (var (x1, y1, x2, y2, text, label, _) in objects)
        {
            using var paint = new SKPaint { Color = ColorOf(label), Style = SKPaintStyle.Stroke, StrokeWidth = line, IsAntialias = true };
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

    private static SKColor ColorOf(int label) => SKColor.FromHsl(label * 137.5f % 360, 80, 62);

    private static SKBitmap Bitmap(RgbImage image, IEnumerable<(Segmentation? Mask, int Label)> masks)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = new byte[4 * image.Width * image.Height];
        for (int from = 0, to = 0; from < image.Pixels.Length; from += 3, to += 4)
        {
            image.Pixels.AsSpan(from, 3).CopyTo(pixels.AsSpan(to));
            pixels[to + 3] = 255;
        }
        foreach (var (mask, label) in masks)
            if (mask is not null)
                Blend(pixels, image, mask.ToBitmap(image.FullHeight, image.FullWidth), ColorOf(label));
        Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        return bitmap;
    }

    /// <summary>Colors the pixels of a mask, which has the size of the whole picture where that is shown reduced.</summary>
    private static void Blend(byte[] pixels, RgbImage image, bool[] mask, SKColor color)
    {
        for (var y = 0; y < image.Height; y++)
        {
            var row = (int)((long)y * image.FullHeight / image.Height) * image.FullWidth;
            for (var x = 0; x < image.Width; x++)
            {
                if (!mask[row + (int)((long)x * image.FullWidth / image.Width)])
                    continue;
                var pixel = pixels.AsSpan(4 * (y * image.Width + x), 3);
                (pixel[0], pixel[1], pixel[2]) = (Mean(pixel[0], color.Red), Mean(pixel[1], color.Green), Mean(pixel[2], color.Blue));
            }
        }

        static byte Mean(byte one, byte other) => (byte)((one + other) / 2);
    }
}
