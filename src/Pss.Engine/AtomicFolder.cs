namespace Pss.Engine;

/// <summary>Writes folders whole or not at all: into a temporary folder beside the target that is then renamed.</summary>
internal static class AtomicFolder
{
    /// <summary>Calls <paramref name="write"/> with a new folder that becomes <paramref name="folder"/> when it returns.</summary>
    public static void Write(string folder, Action<string> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new IOException($"{folder} exists and is not empty; give the path of a new folder");
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        AtomicFile.RequireWritable(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            if (Directory.Exists(folder))
                MoveInto(folder, temporary);
            else
                Directory.Move(temporary, folder);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    // The empty folder is kept: it may be the current folder, without which a process cannot load libraries.
    // Annotations are moved last, so that a folder with annotations is complete.
    private static void MoveInto(string folder, string temporary)
    {
        foreach (var entry in Directory.GetDirectories(temporary).Concat(Directory.GetFiles(temporary)))
            Directory.Move(entry, Path.Combine(folder, Path.GetFileName(entry)));
        Directory.Delete(temporary);
    }
}
