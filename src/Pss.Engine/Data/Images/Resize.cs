namespace Pss.Engine.Data.Images;

/// <summary>A rule for an image's size at the network's input. Make one with <see cref="ShortestEdge"/> or <see cref="Letterbox"/>.</summary>
public abstract record Resize
{
    private const int SquareImage = 1024;

    /// <summary>A network's input has sides of multiples of this: the stride up to P5.</summary>
    internal const int SizeMultiple = 32;

    /// <summary>The paper's rule (Section 4.1): the aspect ratio is kept, the short side becomes <paramref name="shortest"/> unless the long side
    /// would exceed <paramref name="longest"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 or more, or the longest is below the shortest.</exception>
    public static Resize ShortestEdge(int shortest = 800, int longest = 1333) => new ShortestEdgeResize(shortest, longest);

    /// <summary>One fixed size for all images: the aspect ratio is kept, and the rest is padded at the right or bottom.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 or more.</exception>
    public static Resize Letterbox(int width, int height) => new LetterboxResize(width, height);

    /// <summary>The sizes of multi-scale training: short sides <paramref name="first"/>, first + step, ... up to <paramref name="last"/>. A step
    /// of 1 draws from the whole range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size or the step is not 1 or more, or the sizes are not in order.</exception>
    public static IReadOnlyList<Resize> ShortestEdges(int first = 480, int last = 800, int step = 32, int longest = 1333)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        return [.. Enumerable.Range(0, (last - first) / step + 1).Select(i => ShortestEdge(first + i * step, longest))];
    }

    /// <summary>Whether the rule is <see cref="Letterbox"/>, so that every image gets the same size.</summary>
    public bool IsLetterbox => this is LetterboxResize;

    /// <summary>The two sizes that the rule was made with: width and height of a letterbox, else the shortest and the longest side.</summary>
    public abstract (int First, int Second) Sides { get; }

    /// <summary>The size of an image after scaling, without padding.</summary>
    /// <param name="width">Width of the original image.</param>
    /// <param name="height">Height of the original image.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 or more.</exception>
    public (int Width, int Height) ScaledSize(int width, int height) => For(width, height) is var geometry ? (geometry.Width, geometry.Height) : default;

    /// <summary>The size of a network's input for an image: scaled, padded at the right and bottom to the letterbox and to multiples of 32.</summary>
    /// <param name="width">Width of the original image.</param>
    /// <param name="height">Height of the original image.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 or more.</exception>
    public (int Width, int Height) InputSize(int width, int height) => Padded(width, height) is var geometry ? (geometry.OutWidth, geometry.OutHeight) : default;

    /// <summary>Writes an image as a network's input of <see cref="InputSize"/>: all red, then all green, then all blue, row by row; the padding is 0.</summary>
    /// <param name="image">The image.</param>
    /// <param name="planes">3 * height * width bytes.</param>
    /// <exception cref="ArgumentException">The span is of another length.</exception>
    public void WriteInput(RgbImage image, Span<byte> planes) => Padded(image.FullWidth, image.FullHeight).WritePlanes(image, planes);

    /// <summary>The geometry for an image of this size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is not 1 or more.</exception>
    internal abstract ResizeGeometry For(int width, int height);

    /// <summary>The shorter side in pixels that the rule gives a large square image.</summary>
    internal int ShorterSide => For(SquareImage, SquareImage).Width;

    /// <summary>The rule with both of its sizes scaled, so that the shorter side of this rule becomes <paramref name="size"/>.</summary>
    /// <param name="size">Pixels, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not 1 or more.</exception>
    public Resize WithShorterSide(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return Scale((double)size / ShorterSide);
    }

    /// <summary>The rule with both of its sizes multiplied by a factor and rounded.</summary>
    internal Resize Scale(double factor)
    {
        var (first, second) = (Scaled(Sides.First), Scaled(Sides.Second));
        return IsLetterbox ? Letterbox(first, second) : ShortestEdge(first, second);

        int Scaled(int side) => Math.Max(1, (int)Math.Round(side * factor));
    }

    private ResizeGeometry Padded(int width, int height)
    {
        var geometry = For(width, height);
        return geometry with { OutWidth = RoundUp(geometry.OutWidth), OutHeight = RoundUp(geometry.OutHeight) };
    }

    /// <summary>The side of a network's input that holds a side of that many pixels.</summary>
    internal static int RoundUp(int size) => (size + SizeMultiple - 1) / SizeMultiple * SizeMultiple;

    /// <summary>Scales a size, rounding as floor(x + 0.5).</summary>
    private protected static (int Width, int Height) Scaled(int width, int height, double scale) =>
        (Math.Max(1, (int)Math.Floor(width * scale + 0.5)), Math.Max(1, (int)Math.Floor(height * scale + 0.5)));
}
