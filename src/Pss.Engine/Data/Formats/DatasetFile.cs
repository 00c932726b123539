using System.Text;

namespace Pss.Engine.Data.Formats;

/// <summary>Opens annotation files; failures are reported as <see cref="DatasetException"/>.</summary>
internal static class DatasetFile
{
    public static FileStream Open(string path, long maxBytes = long.MaxValue)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            if (stream.Length <= maxBytes)
                return stream;
            stream.Dispose();
            throw new DatasetException(path, "", "", $"is larger than the {maxBytes >> 20} MB allowed for such a file");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException(path, "", "", $"cannot be opened: {fault.Message}", fault);
        }
    }

    /// <summary>The lines of a small text file.</summary>
    public static string[] ReadLines(string path) => ReadText(path, 16 << 20).ReplaceLineEndings("\n").Split('\n');

    /// <summary>The text of a file in UTF-8, or in UTF-16 or UTF-32 with a byte order mark.</summary>
    public static string ReadText(string path, long maxBytes)
    {
        using var stream = Open(path, maxBytes);
        using var reader = TextReader(stream);
        try
        {
            var text = reader.ReadToEnd();
            return text.Contains('\0') ? throw new DatasetException(path, "", "", "holds NUL characters; it is not a text file") : text;
        }
        catch (DecoderFallbackException fault)
        {
            throw NotUtf8(path, fault);
        }
    }

    /// <summary>A reader that refuses bytes that are no text in the file's encoding, with a <see cref="DecoderFallbackException"/>.</summary>
    public static StreamReader TextReader(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));

    /// <summary>The fault of a file whose bytes are no UTF-8; names the line.</summary>
    public static DatasetException NotUtf8(string path, Exception cause) => new(path, $"line {LineOfInvalidByte(path)}", "", NotUtf8Problem, cause);

    /// <summary>What is wrong with a file in another encoding, and the cure.</summary>
    public const string NotUtf8Problem = "is not in UTF-8, but in an older encoding of its country such as GBK or Windows-1252: save the file as UTF-8";

    /// <summary>The line of the first byte that is no UTF-8, from 1.</summary>
    private static int LineOfInvalidByte(string path)
    {
        using var stream = Open(path);
        var (line, buffer, decoder) = (1, new byte[1 << 16], Encoding.UTF8.GetDecoder());
        var characters = new char[buffer.Length + 2];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            foreach (var c in characters.AsSpan(0, decoder.GetChars(buffer, 0, read, characters, 0)))
            {
                if (c == '\ufffd')
                    return line;
                line += c == '\n' ? 1 : 0;
            }
        }
        return line;
    }
}
