using System.Buffers.Binary;
using System.IO.Compression;

namespace Pss.Engine.Data;

/// <summary>PNG, eight bits a channel, RGB, each row stored as the difference to the row above.</summary>
internal static class PngWriter
{
    private static readonly uint[] s_crcTable = MakeCrcTable();

    public static void Write(RgbImage image, Stream stream)
    {
        stream.Write([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n']);
        Span<byte> header = stackalloc byte[13];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = 2;
        Chunk(stream, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(image, zlib);
        Chunk(stream, "IDAT"u8, packed.GetBuffer().AsSpan(0, (int)packed.Length));
        Chunk(stream, "IEND"u8, []);
    }

    private static void WriteRows(RgbImage image, ZLibStream zlib)
    {
        var stride = 3 * image.Width;
        var row = new byte[stride + 1];
        row[0] = 2;
        for (var y = 0; y < image.Height; y++)
        {
            var pixels = image.Pixels.AsSpan(y * stride, stride);
            if (y == 0)
                pixels.CopyTo(row.AsSpan(1));
            else
                for (var i = 0; i < stride; i++)
                    row[i + 1] = (byte)(pixels[i] - image.Pixels[(y - 1) * stride + i]);
            zlib.Write(row);
        }
    }

    private static void Chunk(Stream stream, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        stream.Write(word);
        stream.Write(name);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, ~Crc(Crc(uint.MaxValue, name), data));
        stream.Write(word);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            crc = s_crcTable[(crc ^ value) & 0xff] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++)
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            table[n] = c;
        }
        return table;
    }
}
