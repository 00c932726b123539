using Pss.Engine.Data.Formats;

namespace Pss.Engine.Data.Scenes;

/// <summary>Writes scenes as image files with COCO annotations.</summary>
internal static class SceneFiles
{
    /// <summary>Writes images as PNG into <c>images/</c> and their boxes into <c>annotations.json</c> in the COCO format: the whole folder or
    /// nothing.</summary>
    /// <param name="folder">A folder that does not exist yet or is empty.</param>
    /// <param name="generator">Draws the scenes.</param>
    /// <param name="first">Index of the first scene.</param>
    /// <param name="count">Number of scenes.</param>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    public static void Write(string folder, SceneGenerator generator, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(generator);
        var dataset = generator.Dataset(first, count);
        AtomicFolder.Write(folder, target =>
        {
            Directory.CreateDirectory(Path.Combine(target, "images"));
            Parallel.For(0, count, i => generator.Draw(first + i).SavePng(Path.Combine(target, "images", dataset.Images[i].FileName)));
            CocoWriter.WriteAnnotations(Path.Combine(target, "annotations.json"), dataset);
        });
    }
}
