using System.Buffers.Binary;

namespace Pss.Engine.Data;

/// <summary>Format and size of an image file, read from its first bytes without decoding pixels.</summary>
/// <param name="Format">The format by its signature; the file's extension does not matter.</param>
/// <param name="Width">Stored width in pixels; an EXIF rotation is not applied.</param>
/// <param name="Height">Stored height in pixels.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Width, int Height)
{
    /// <summary>Reads the header of a file.</summary>
    /// <exception cref="InvalidDataException">Not a JPEG, PNG, BMP or GIF file, or its header is damaged; the message names the file.</exception>
    public static ImageHeader Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096);
        return Read(stream, path);
    }

    /// <summary>Reads the header from a stream; <paramref name="name"/> is used in error messages.</summary>
    /// <exception cref="InvalidDataException">Not a JPEG, PNG, BMP or GIF image, or its header is damaged.</exception>
    public static ImageHeader Read(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[26];
        var got = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        head = head[..got];
        ImageHeader? header = null;
        if (got == 26 && head[0] == 0x89 && head[1..].StartsWith("PNG\r\n"u8) && head[12..16].SequenceEqual("IHDR"u8))
            header = new(ImageFormat.Png, BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..]));
        else if (got >= 10 && (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)))
            header = new(ImageFormat.Gif, BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..]));
        else if (got == 26 && head.StartsWith("BM"u8))
            header = Bitmap(head);
        else if (got > 4 && head[0] == 0xff && head[1] == 0xd8)
            header = Jpeg(new BufferedReader(stream, head[2..]));
        if (header is not { Width: > 0, Height: > 0 })
            throw new InvalidDataException($"{name}: no readable JPEG, PNG, BMP or GIF header");
        return header.Value;
    }

    private static ImageHeader Bitmap(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt32LittleEndian(head[14..]) == 12
        ? new(ImageFormat.Bmp, BinaryPrimitives.ReadUInt16LittleEndian(head[18..]), BinaryPrimitives.ReadUInt16LittleEndian(head[20..]))
        // A negative height marks rows stored top down.
        : new(ImageFormat.Bmp, BinaryPrimitives.ReadInt32LittleEndian(head[18..]),
            (int)Math.Min(int.MaxValue, Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(head[22..]))));

    private static ImageHeader? Jpeg(BufferedReader reader)
    {
        while (true)
        {
            int marker;
            if (reader.Next() != 0xff)
                return null;
            while ((marker = reader.Next()) == 0xff)
            {
            }
            if (marker is 0x01 or (>= 0xd0 and <= 0xd8))
                continue;
            if (marker is < 0 or 0xd9 or 0xda)
                return null;
            var length = reader.Next() << 8 | reader.Next();
            if (length < 2)
                return null;
            // Start of frame: every C0 to CF but the Huffman and arithmetic tables and the reserved one.
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
            {
                reader.Next();
                var height = reader.Next() << 8 | reader.Next();
                var width = reader.Next() << 8 | reader.Next();
                return new(ImageFormat.Jpeg, width, height);
            }
            for (var i = 2; i < length; i++)
                if (reader.Next() < 0)
                    return null;
        }
    }

    private sealed class BufferedReader(Stream stream, ReadOnlySpan<byte> first)
    {
        private readonly byte[] _buffer = Fill(first);
        private int _at;
        private int _count = first.Length;

        public int Next()
        {
            if (_at == _count)
            {
                (_at, _count) = (0, stream.Read(_buffer));
                if (_count == 0)
                    return -1;
            }
            return _buffer[_at++];
        }

        private static byte[] Fill(ReadOnlySpan<byte> first)
        {
            var buffer = new byte[4096];
            first.CopyTo(buffer);
            return buffer;
        }
    }
}
