namespace Pss.Engine;

/// <summary>Writes files whole or not at all: into a temporary file beside the target that is then moved over it.</summary>
internal static class AtomicFile
{
    /// <summary>Creates or replaces <paramref name="path"/> with the content that <paramref name="write"/> writes; if it throws, the old
    /// file is unchanged. Missing folders are created.</summary>
    /// <exception cref="IOException">The folder cannot be written to; the message says why and what to do.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        path = Path.GetFullPath(path);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = Create(temporary))
                write(stream);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Creates a folder if it is missing, and checks that files can be written to it.</summary>
    /// <exception cref="IOException">It cannot be written to; the message says why and what to do.</exception>
    internal static void RequireWritable(string folder)
    {
        var trial = Path.Combine(Path.GetFullPath(folder), $"{Guid.NewGuid():N}.tmp");
        Create(trial).Dispose();
        File.Delete(trial);
    }

    private static FileStream Create(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            return new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The folder {folder} cannot be written to ({fault.Message}): make it writable for this user, or choose another one.", fault);
        }
    }
}
