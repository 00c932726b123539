namespace Pss.Engine.Data.Formats;

/// <summary>Places images of a dataset in a folder that is being written.</summary>
internal static class ImageCopies
{
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
