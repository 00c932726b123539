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
    public static string[] ReadLines(string path)
    {
        using var reader = new StreamReader(Open(path, 16 << 20));
        var text = reader.ReadToEnd();
        return text.Contains('\0') ? throw new DatasetException(path, "", "", "holds NUL characters; it is not a text file") : text.ReplaceLineEndings("\n").Split('\n');
    }
}
