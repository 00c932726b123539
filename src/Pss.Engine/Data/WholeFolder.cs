namespace Pss.Engine.Data;

/// <summary>Writes folders whole or not at all: into a temporary folder beside the target that is then renamed.</summary>
internal static class WholeFolder
{
    /// <summary>Calls <paramref name="write"/> with a new folder that becomes <paramref name="folder"/> when it returns.</summary>
    public static void Write(string folder, Action<string> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new IOException($"{folder} is there and not empty; name a new folder");
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        WholeFile.RequireWritable(Path.GetDirectoryName(folder)!);
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

    // The empty folder stays: it may be the one the program stands in, and a program whose folder is gone loads no libraries any more.
    // Annotations come last, so that a folder that has them has everything.
    private static void MoveInto(string folder, string temporary)
    {
        foreach (var entry in Directory.GetDirectories(temporary).Concat(Directory.GetFiles(temporary)))
            Directory.Move(entry, Path.Combine(folder, Path.GetFileName(entry)));
        Directory.Delete(temporary);
    }

    /// <summary>The path of a new file inside <paramref name="folder"/>. A name from a dataset that leads out of it, or that was used before, is
    /// refused.</summary>
    public static string Place(string folder, string name, HashSet<string> used)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new DatasetException(folder, name, "file name", "leads out of the folder");
        if (!used.Add(path))
            throw new DatasetException(folder, name, "file name", "two images would be written to this one name; rename one");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Copies an image into <paramref name="folder"/> under its own name.</summary>
    public static void CopyImage(ImageRecord image, string folder, HashSet<string> used) =>
        File.Copy(image.Path ?? throw new DatasetException(folder, image.FileName, "path", "the dataset was read without its images; they cannot be copied"),
            Place(folder, image.FileName, used));
}
