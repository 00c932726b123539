using System.Buffers.Binary;
using System.IO.Compression;

namespace Pss.Engine.Data;

/// <summary>Refuses PNG files that would make a decoder take far more memory than the picture needs.</summary>
internal static class PngGuard
{
    /// <summary>Compressed data below this cannot unpack to much: deflate packs at most 1032 to 1.</summary>
    private const int Harmless = 256 << 10;

    /// <summary>What is wrong with the file, or null.</summary>
    public static string? Problem(byte[] file, ImageHeader header)
    {
        using var packed = new MemoryStream();
        for (var at = 8; ;)
        {
            if (at + 12 > file.Length)
                return "is cut short";
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (at + 12L + length > file.Length)
                return "has a chunk that is longer than the file";
            var name = file.AsSpan(at + 4, 4);
            if (name.SequenceEqual("IEND"u8))
                break;
            if (name.SequenceEqual("IDAT"u8))
                packed.Write(file, at + 8, (int)length);
            at += 12 + (int)length;
        }
        // At most four channels of 16 bits, and a byte a row; interlacing adds rows.
        return packed.Length > Harmless && UnpacksBeyond(packed, 8L * header.Width * header.Height + 8L * (header.Height + 8))
            ? "unpacks to more than its size needs" : null;
    }

    private static bool UnpacksBeyond(MemoryStream packed, long limit)
    {
        packed.Position = 0;
        var buffer = new byte[1 << 16];
        using var unpacked = new ZLibStream(packed, CompressionMode.Decompress);
        try
        {
            for (int got; limit >= 0 && (got = unpacked.Read(buffer)) > 0;)
                limit -= got;
        }
        catch (InvalidDataException)
        {
            // The decoder reports broken data itself.
        }
        return limit < 0;
    }
}
