namespace Pss.Engine.Data.Formats;

/// <summary>Chooses file names in a folder that is being written, and copies images into it.</summary>
internal static class ImageCopies
{
    /// <summary>The path of a new file inside <paramref name="folder"/>. A name that points
    /// outside of it, or that was used before, is rejected.</summary>
    public static string Place(string folder, string name, HashSet<string> used)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new DatasetException(folder, name, "file name", "points outside the folder; rename the image");
        if (!used.Add(path))
            throw new DatasetException(folder, name, "file name", "two images would get this file name; rename one");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Copies an image into <paramref name="folder"/> under its file name.</summary>
    public static void CopyImage(ImageRecord image, string folder, HashSet<string> used) =>
        File.Copy(image.Path ?? throw new DatasetException(folder, image.FileName, "path", "the dataset was read without its images; read it with them, or do not copy them"),
            Place(folder, image.FileName, used));
}
