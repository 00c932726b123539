using Microsoft.ML.Data;

namespace StandIns.Tests.Images;

/// <summary>A folder of small pictures, gone when the test ends.</summary>
internal sealed class ImageFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("standins-").FullName;

    /// <summary>A picture of one colour for each pixel given as 0xRRGGBB, row by row.</summary>
    public static MLImage Image(int width, int height, params int[] colours)
        => MLImage.CreateFromPixels(width, height, MLPixelFormat.Bgra32, [.. colours.SelectMany(c => new[] { (byte)c, (byte)(c >> 8), (byte)(c >> 16), (byte)255 })]);

    public string Add(string name, int width, int height, params int[] colours)
    {
        using var image = Image(width, height, colours.Length == 1 ? [.. Enumerable.Repeat(colours[0], width * height)] : colours);
        image.Save(In(name));
        return In(name);
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
