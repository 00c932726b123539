using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>Writes a baseline JPEG (ITU-T T.81): full colour resolution, the standard quantisation of Annex K, and its luminance Huffman tables
/// for all three components.</summary>
internal sealed class JpegWriter
{
    private static ReadOnlySpan<byte> ZigZag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private static ReadOnlySpan<byte> Luminance =>
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    private static ReadOnlySpan<byte> Chrominance =>
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ];

    private static readonly byte[] s_dcLengths = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] s_dcValues = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    private static readonly byte[] s_acLengths = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d];
    private static readonly byte[] s_acValues = Convert.FromHexString(
        "01020300041105122131410613516107227114328191A1082342B1C11552D1F02433627282090A161718191A25262728292A3435363738393A" +
        "434445464748494A535455565758595A636465666768696A737475767778797A838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AA" +
        "B2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3E4E5E6E7E8E9EAF1F2F3F4F5F6F7F8F9FA");

    private static readonly (int Code, int Length)[] s_dc = Codes(s_dcLengths, s_dcValues);
    private static readonly (int Code, int Length)[] s_ac = Codes(s_acLengths, s_acValues);

    /// <summary>The eight cosines, by frequency, at each of eight pixels.</summary>
    private static readonly Vector256<float>[] s_byPixel = [.. Enumerable.Range(0, 8).Select(pixel => Vector256.Create([.. Enumerable.Range(0, 8)
        .Select(frequency => (float)(Math.Cos((2 * pixel + 1) * frequency * Math.PI / 16) * (frequency == 0 ? Math.Sqrt(.125) : .5)))]))];

    private readonly MemoryStream _stream = new();
    private uint _bits;
    private int _bitCount;

    /// <summary>Encodes an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="quality">1 to 100, on the scale that libjpeg made common.</param>
    public static byte[] Encode(RgbImage image, int quality) => new JpegWriter().Write(image, quality);

    private byte[] Write(RgbImage image, int quality)
    {
        var scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
        byte[][] tables = [Quantisation(Luminance, scale), Quantisation(Chrominance, scale)];
        _stream.Write([0xFF, 0xD8]);
        Segment(0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        for (var i = 0; i < 2; i++)
            Segment(0xDB, [(byte)i, .. ZigZag.ToArray().Select(place => tables[i][place])]);
        Segment(0xC0, [8, (byte)(image.Height >> 8), (byte)image.Height, (byte)(image.Width >> 8), (byte)image.Width, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
        Segment(0xC4, [0x00, .. s_dcLengths, .. s_dcValues]);
        Segment(0xC4, [0x10, .. s_acLengths, .. s_acValues]);
        Segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
        WriteBlocks(image, tables);
        Put(0x7F, 7);
        _stream.Write([0xFF, 0xD9]);
        return _stream.ToArray();
    }

    private void WriteBlocks(RgbImage image, byte[][] tables)
    {
        var previous = new int[3];
        Span<float> block = stackalloc float[64];
        for (var y = 0; y < image.Height; y += 8)
            for (var x = 0; x < image.Width; x += 8)
                for (var component = 0; component < 3; component++)
                {
                    Load(image, x, y, component, block);
                    previous[component] = WriteBlock(block, tables[Math.Min(component, 1)], previous[component]);
                }
    }

    /// <summary>One component of 8x8 pixels around zero, the border repeated.</summary>
    private static void Load(RgbImage image, int left, int top, int component, Span<float> block)
    {
        for (var i = 0; i < 64; i++)
        {
            var at = 3 * (Math.Min(top + i / 8, image.Height - 1) * image.Width + Math.Min(left + i % 8, image.Width - 1));
            var (r, g, b) = (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
            block[i] = component switch
            {
                0 => .299f * r + .587f * g + .114f * b - 128,
                1 => -.168736f * r - .331264f * g + .5f * b,
                _ => .5f * r - .418688f * g - .081312f * b,
            };
        }
    }

    private int WriteBlock(Span<float> block, byte[] table, int previous)
    {
        Transform(block);
        var dc = (int)MathF.Round(block[0] / table[0]);
        WriteValue(s_dc, 0, dc - previous);
        var zeros = 0;
        for (var i = 1; i < 64; i++)
        {
            var value = (int)MathF.Round(block[ZigZag[i]] / table[ZigZag[i]]);
            if (value == 0)
            {
                zeros++;
                continue;
            }
            for (; zeros > 15; zeros -= 16)
                Put(s_ac[0xF0].Code, s_ac[0xF0].Length);
            WriteValue(s_ac, zeros << 4, value);
            zeros = 0;
        }
        if (zeros > 0)
            Put(s_ac[0].Code, s_ac[0].Length);
        return dc;
    }

    /// <summary>The two-dimensional cosine transform: each row by all frequencies at once, then all columns at once.</summary>
    private static void Transform(Span<float> block)
    {
        Span<Vector256<float>> rows = stackalloc Vector256<float>[8];
        for (var y = 0; y < 8; y++)
            for (var k = 0; k < 8; k++)
                rows[y] += block[8 * y + k] * s_byPixel[k];
        for (var v = 0; v < 8; v++)
        {
            var sum = Vector256<float>.Zero;
            for (var k = 0; k < 8; k++)
                sum += s_byPixel[k][v] * rows[k];
            sum.CopyTo(block[(8 * v)..]);
        }
    }

    private void WriteValue((int Code, int Length)[] table, int run, int value)
    {
        var size = 32 - BitOperations.LeadingZeroCount((uint)Math.Abs(value));
        Put(table[run | size].Code, table[run | size].Length);
        Put((value < 0 ? value - 1 : value) & (1 << size) - 1, size);
    }

    private void Put(int code, int length)
    {
        _bits = _bits << length | (uint)code;
        for (_bitCount += length; _bitCount >= 8; _bitCount -= 8)
        {
            var value = (byte)(_bits >> _bitCount - 8);
            _stream.WriteByte(value);
            if (value == 0xFF)
                _stream.WriteByte(0);
        }
    }

    private void Segment(byte marker, ReadOnlySpan<byte> content)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(content.Length + 2));
        _stream.Write([0xFF, marker]);
        _stream.Write(length);
        _stream.Write(content);
    }

    private static byte[] Quantisation(ReadOnlySpan<byte> table, int scale)
    {
        var scaled = new byte[64];
        for (var i = 0; i < 64; i++)
            scaled[i] = (byte)Math.Clamp((table[i] * scale + 50) / 100, 1, 255);
        return scaled;
    }

    private static (int Code, int Length)[] Codes(byte[] lengths, byte[] values)
    {
        var codes = new (int, int)[256];
        int code = 0, at = 0;
        for (var length = 1; length <= 16; length++, code <<= 1)
            for (var i = 0; i < lengths[length - 1]; i++)
                codes[values[at++]] = (code++, length);
        return codes;
    }
}
