using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Scenes;

/// <summary>Generates annotated images: objects of six shapes on textured backgrounds, alone and in crowds. An image is a pure function of options,
/// seed and index; every member may be called from several threads at once.</summary>
public sealed class SceneGenerator
{
    private readonly SceneOptions _options;
    private readonly long _seed;

    /// <summary>Makes a generator.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public SceneGenerator(SceneOptions? options = null, long seed = 0)
    {
        _options = options ?? new SceneOptions();
        _options.Validate();
        _seed = seed;
    }

    /// <summary>The classes. They differ only in shape; color and texture are drawn independently of them.</summary>
    public static IReadOnlyList<Category> Categories { get; } =
        [new(1, "disc"), new(2, "square"), new(3, "triangle"), new(4, "star"), new(5, "ring"), new(6, "cross")];

    /// <summary>The classes of the annotations: <see cref="Categories"/>, or the single one of <see cref="SceneOptions.OneClass"/>.</summary>
    public IReadOnlyList<Category> Classes => _options.OneClass ? [new(1, "object")] : Categories;

    /// <summary>The options.</summary>
    public SceneOptions Options => _options;

    /// <summary>Annotates an image without drawing it. Boxes are tight around the whole shape, including occluded parts; objects are listed
    /// from back to front.</summary>
    public ImageRecord Describe(int index)
    {
        var shapes = Layout(index);
        return new ImageRecord
        {
            Id = index + 1L,
            FileName = $"scene_{index:d6}.png",
            Width = _options.Width,
            Height = _options.Height,
            Objects = [.. shapes.Select((shape, i) => new ObjectAnnotation
            {
                Id = 1000L * index + i + 1,
                Label = LabelOf(shape),
                Box = shape.Box,
                Mask = _options.Masks ? MaskOf(shape) : null,
            })],
        };
    }

    /// <summary>Draws an image.</summary>
    public RgbImage Draw(int index) => Draw(index, Layout(index));

    /// <summary>The coverage of each pixel by an object, without occlusion, 0 to 1: Height rows of Width values.</summary>
    /// <param name="index">Index of the image.</param>
    /// <param name="item">Position of the object in <see cref="Describe"/>.</param>
    internal float[] Coverage(int index, int item)
    {
        var mask = CoverageMask.Fill(Layout(index)[item].Contours, 0, _options.Width, _options.Height);
        var result = new float[_options.Width * _options.Height];
        for (var y = 0; y < mask.Height; y++)
            mask.Row(y).CopyTo(result.AsSpan((mask.Top + y) * _options.Width + mask.Left));
        return result;
    }

    /// <summary>A dataset of images that are drawn when they are loaded.</summary>
    /// <param name="first">Index of the first image; training and validation need ranges that do not overlap.</param>
    /// <param name="count">Number of images.</param>
    public DetectionDataset Dataset(int first, int count) => new()
    {
        Name = $"scenes of seed {_seed}",
        Categories = Classes,
        Images = [.. Enumerable.Range(first, count).Select(Describe)],
        ImageLoader = (image, _) => Draw((int)image.Id - 1),
    };

    /// <summary>Writes images as PNG files into <c>images/</c> and their boxes into <c>annotations.json</c> in the COCO format: the whole folder or
    /// nothing.</summary>
    /// <param name="folder">A folder that does not exist yet or is empty.</param>
    /// <param name="first">Index of the first image.</param>
    /// <param name="count">Number of images.</param>
    /// <exception cref="IOException">The folder is not empty, or cannot be written to.</exception>
    public void Save(string folder, int first, int count) => SceneFiles.Write(folder, this, first, count);

    private RleSegmentation MaskOf(SceneShape shape)
    {
        var coverage = CoverageMask.Fill(shape.Contours, 0, _options.Width, _options.Height);
        var pixels = new byte[_options.Width * _options.Height];
        for (var y = 0; y < coverage.Height; y++)
        {
            var row = coverage.Row(y);
            for (var x = 0; x < row.Length; x++)
                pixels[(coverage.Left + x) * _options.Height + coverage.Top + y] = row[x] >= 0.5f ? (byte)1 : (byte)0;
        }
        return RunLengthMask.FromColumns(pixels, _options.Height, _options.Width);
    }

    private int LabelOf(SceneShape shape) => _options.OneClass ? 0 : shape.Label;

    private List<SceneShape> Layout(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new SceneLayout(_options, SeededRandom.For(_seed, 0, index)).Place();
    }

    private RgbImage Draw(int index, List<SceneShape> shapes) =>
        new ScenePainter(_options.Width, _options.Height, SeededRandom.For(_seed, 1, index)).Paint(shapes);
}
