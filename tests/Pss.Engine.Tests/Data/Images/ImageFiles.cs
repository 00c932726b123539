using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Pss.Engine.Data.Images;
using SkiaSharp;

namespace Pss.Engine.Tests.Data.Images;

/// <summary>Small image files of every kind, written here byte by byte where the decoder's library has no encoder.</summary>
internal static class ImageFiles
{
    /// <summary>A progressive JPEG of 24 x 17 pixels, in base64: the encoder here writes baseline ones only.</summary>
    public const string ProgressiveJpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/"
        + "2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wgARCAARABgDASIAAhEBAxEB/8QA"
        + "FwABAQEBAAAAAAAAAAAAAAAAAAMEBf/EABcBAAMBAAAAAAAAAAAAAAAAAAIDBAX/2gAMAwEAAhADEAAAAeVfZcF43TFfO4jD0Ar/AP/EABYQAQEBAAAAAAAA"
        + "AAAAAAAAAAABAv/aAAgBAQABBQKYTCYTCYTCIj//xAAYEQADAQEAAAAAAAAAAAAAAAAAAgMhMf/aAAgBAwEBPwGdxb4TF4f/xAAYEQACAwAAAAAAAAAAAAAA"
        + "AAAAAQIQEv/aAAgBAgEBPwFSNCr/xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAY/Ah//xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAE/IR//AP8A"
        + "/9oADAMBAAIAAwAAABDH7wL/xAAXEQADAQAAAAAAAAAAAAAAAAAAEFFh/9oACAEDAQE/ENihz//EABYRAQEBAAAAAAAAAAAAAAAAAAABEP/aAAgBAgEBPxAz"
        + "KP/EABYQAQEBAAAAAAAAAAAAAAAAAGEAIP/aAAgBAQABPxAIIIIIMD//2Q==";

    /// <summary>The same picture as a baseline JPEG, in base64.</summary>
    public const string BaselineJpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
        + "2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAARABgDASIAAhEBAxEB/8QA"
        + "HwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkK"
        + "FhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXG"
        + "x8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC"
        + "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOE"
        + "hYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDjINO6fLWl"
        + "Bp3T5a3INO6fLWlBp3T5awjWObB5j5mFBp3T5aK66DTuny0Vsqx9JSzH3dytB2rSg7UUV5sT87wZowdqKKK2R9JS+E//2Q==";

    /// <summary>A picture without symmetry whose colors change slowly, so that a shift by a part of a pixel shows.</summary>
    public static RgbImage Waves(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = 3 * (y * width + x);
                image.Pixels[at] = (byte)(128 + 100 * Math.Sin(x / 9.0 + 1));
                image.Pixels[at + 1] = (byte)(128 + 100 * Math.Sin(y / 7.0));
                image.Pixels[at + 2] = (byte)(255 * x * y / (width * height));
            }
        }
        return image;
    }

    public static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality = 95)
    {
        var pixels = new byte[4 * image.Width * image.Height];
        image.CopyTo(pixels);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        System.Runtime.InteropServices.Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>Puts an EXIF segment that states the orientation behind the start of a JPEG.</summary>
    public static byte[] Turned(byte[] jpeg, int orientation)
    {
        byte[] exif = [.. "Exif\0\0"u8, .. Exif(orientation)];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]];
    }

    /// <summary>Puts an EXIF chunk that states the orientation into a WebP.</summary>
    public static byte[] TurnedWebp(byte[] webp, int orientation, int width, int height)
    {
        byte[] size = [(byte)(width - 1), (byte)((width - 1) >> 8), 0, (byte)(height - 1), (byte)((height - 1) >> 8), 0];
        byte[] body = [.. "WEBP"u8, .. Chunk("VP8X", [8, 0, 0, 0, .. size]), .. webp[12..], .. Chunk("EXIF", Exif(orientation))];
        return [.. "RIFF"u8, .. Little(body.Length), .. body];

        static byte[] Chunk(string name, byte[] content) => [.. Encoding.ASCII.GetBytes(name), .. Little(content.Length), .. content];
    }

    /// <summary>Puts an eXIf chunk that states the orientation behind the header of a PNG.</summary>
    public static byte[] TurnedPng(byte[] png, int orientation) => [.. png[..33], .. PngChunk("eXIf", Exif(orientation)), .. png[33..]];

    /// <summary>A PNG of rows that are not filtered.</summary>
    /// <param name="colorType">0 gray, 2 color, 3 palette, 4 gray and alpha, 6 color and alpha.</param>
    /// <param name="packed">The pixels of a row as PNG packs them.</param>
    /// <param name="chunks">What stands before the pixels.</param>
    public static byte[] Png(int width, int height, int bits, int colorType, Func<int, byte[]> packed, params (string Name, byte[] Content)[] chunks)
    {
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Optimal, leaveOpen: true))
            for (var y = 0; y < height; y++)
                zlib.Write([0, .. packed(y)]);
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. PngChunk("IHDR", [.. Big(width), .. Big(height), (byte)bits, (byte)colorType, 0, 0, 0]),
            .. chunks.SelectMany(chunk => PngChunk(chunk.Name, chunk.Content)), .. PngChunk("IDAT", pixels.ToArray()), .. PngChunk("IEND", []),
        ];
    }

    /// <summary>A bitmap of 24 bits a pixel, rows from the bottom or, where the height is negative, from the top.</summary>
    public static byte[] Bmp(RgbImage image, bool fromTop = false)
    {
        var (width, height) = (image.Width, image.Height);
        var stride = (3 * width + 3) / 4 * 4;
        var file = new byte[54 + stride * height];
        byte[] head =
        [
            .. "BM"u8, .. Little(file.Length), .. Little(0), .. Little(54), .. Little(40), .. Little(width), .. Little(fromTop ? -height : height), 1, 0, 24, 0,
        ];
        head.CopyTo(file, 0);
        for (var y = 0; y < height; y++)
            for (var i = 0; i < 3 * width; i++)
                file[54 + (fromTop ? y : height - 1 - y) * stride + i] = image.Pixels[3 * (y * width + i / 3) + 2 - i % 3];
        return file;
    }

    /// <summary>A GIF of four colors; color 3 is transparent.</summary>
    /// <param name="indices">The pixels, 0 to 3, row by row.</param>
    public static byte[] Gif(int width, int height, byte[] indices, ReadOnlySpan<byte> palette)
    {
        var (bits, data) = (0, new List<bool>());
        // Codes of three bits: 4 clears the table before it grows, 5 ends.
        foreach (var code in indices.SelectMany(index => new[] { 4, index }).Append(5))
            for (bits = 0; bits < 3; bits++)
                data.Add((code >> bits & 1) != 0);
        byte[] packed = [.. data.Chunk(8).Select(part => (byte)part.Select((bit, i) => bit ? 1 << i : 0).Sum())];
        return
        [
            .. "GIF89a"u8, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0xF1, 0, 0, .. palette, 0x21, 0xF9, 4, 1, 0, 0, 3, 0,
            0x2C, 0, 0, 0, 0, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 0, 2,
            .. packed.Chunk(255).SelectMany(block => (byte[])[(byte)block.Length, .. block]), 0, 0x3B,
        ];
    }

    /// <summary>An icon that holds one PNG.</summary>
    public static byte[] Ico(byte[] png, int width, int height)
        => [0, 0, 1, 0, 1, 0, (byte)width, (byte)height, 0, 0, 1, 0, 32, 0, .. Little(png.Length), .. Little(22), .. png];

    /// <summary>A JPEG of one color in four components, stored inverted, as Adobe's programs write CMYK.</summary>
    public static byte[] CmykJpeg(int blocks, byte cyan, byte magenta, byte yellow, byte black)
    {
        var bits = new StringBuilder();
        byte[] values = [(byte)(255 - cyan), (byte)(255 - magenta), (byte)(255 - yellow), (byte)(255 - black)];
        for (var block = 0; block < blocks; block++)
        {
            foreach (var value in values)
            {
                // Quantized by 8, the mean of a block of 8 x 8 is its first coefficient; later blocks differ by nothing.
                var dc = block == 0 ? value - 128 : 0;
                var size = dc == 0 ? 0 : (int)Math.Log2(Math.Abs(dc)) + 1;
                bits.Append(Convert.ToString(size, 2).PadLeft(4, '0'));
                if (size > 0)
                    bits.Append(Convert.ToString((dc < 0 ? dc - 1 : dc) & (1 << size) - 1, 2).PadLeft(size, '0'));
                bits.Append('0');
            }
        }
        byte[] coded = [.. bits.Append('1', 7 - (bits.Length + 7) % 8).ToString().Chunk(8).Select(part => Convert.ToByte(new string(part), 2))];
        return
        [
            0xFF, 0xD8, 0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0,
            0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)8, 64),
            0xFF, 0xC0, 0, 20, 8, 0, 8, 0, (byte)(8 * blocks), 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0,
            // Sizes 0 to 11 in four bits each; of the other coefficients only "all zero".
            0xFF, 0xC4, 0, 31, 0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Range(0, 12).Select(i => (byte)i),
            0xFF, 0xC4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0,
            .. coded.SelectMany(value => value == 0xFF ? (byte[])[0xFF, 0] : [value]), 0xFF, 0xD9,
        ];
    }

    /// <summary>EXIF data of one entry.</summary>
    private static byte[] Exif(int orientation)
        => [.. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    private static byte[] PngChunk(string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        return [.. Big(content.Length), .. named, .. Big((int)Crc(named))];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        }
        return ~crc;
    }

    private static byte[] Big(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Little(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }
}
