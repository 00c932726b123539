using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Scenes;

namespace Pss.Benchmarks;

/// <summary>JPEG files: those of a folder, or drawn scenes.</summary>
internal sealed class Pictures : IDisposable
{
    private const int Drawn = 100;
    private readonly DirectoryInfo? _temporary;
    private readonly string[] _files;

    /// <summary>Finds or draws the files.</summary>
    /// <param name="folder">Their folder; null draws them.</param>
    public Pictures(string? folder)
    {
        if (folder is null)
            Draw((_temporary = Directory.CreateTempSubdirectory("pss-pictures-")).FullName, new() { Width = 640, Height = 480 }, Drawn);
        _files = [.. Directory.GetFiles(_temporary?.FullName ?? folder!, "*.jpg").Order(StringComparer.Ordinal)];
    }

    public string[] Paths(int count) => [.. Enumerable.Range(0, count).Select(i => _files[i % _files.Length])];

    public void Dispose() => _temporary?.Delete(recursive: true);

    /// <summary>Draws scenes.</summary>
    public static void Draw(string folder, SceneOptions options, int count)
    {
        var view = new MLContext().Data.LoadFromDataset(new SceneGenerator(options).Dataset(0, count));
        using var cursor = view.GetRowCursor([view.Schema["Image"]]);
        var getter = cursor.GetGetter<MLImage>(view.Schema["Image"]);
        MLImage image = null!;
        while (cursor.MoveNext())
        {
            getter(ref image);
            image.Save(Path.Combine(folder, $"{cursor.Position:d4}.jpg"));
        }
    }
}
