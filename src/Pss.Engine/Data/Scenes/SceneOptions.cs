namespace Pss.Engine.Data.Scenes;

/// <summary>Options for synthetic scenes.</summary>
public sealed record SceneOptions
{
    /// <summary>Width of the images in pixels.</summary>
    public int Width { get; init; } = 320;

    /// <summary>Height of the images in pixels.</summary>
    public int Height { get; init; } = 240;

    /// <summary>Smallest number of objects per image; there are fewer only if no place is found for them.</summary>
    public int MinObjects { get; init; } = 2;

    /// <summary>Largest number of objects per image.</summary>
    public int MaxObjects { get; init; } = 12;

    /// <summary>Smallest longer side of an object's box, in pixels. Sizes are uniform in their logarithm.</summary>
    public double MinSize { get; init; } = 16;

    /// <summary>Largest longer side of an object's box, in pixels.</summary>
    public double MaxSize { get; init; } = 120;

    /// <summary>Whether all shapes are one class, "object", which shortens training a lot.</summary>
    public bool OneClass { get; init; }

    /// <summary>Fraction of images with a crowd: objects of one class, each of which overlaps another by an IoU of
    /// <see cref="MinOverlap"/> to <see cref="MaxOverlap"/>.</summary>
    public double CrowdProbability { get; init; } = 0.5;

    /// <summary>Smallest IoU of a member of a crowd with its nearest neighbor.</summary>
    public double MinOverlap { get; init; } = 0.3;

    /// <summary>Largest IoU of any two boxes.</summary>
    public double MaxOverlap { get; init; } = 0.8;

    /// <summary>Smallest visible fraction of an object that others occlude.</summary>
    public double MinVisible { get; init; } = 0.25;

    /// <summary>Whether objects have masks: of the whole shape, including occluded parts, as their boxes.</summary>
    public bool Masks { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names property, value and range.</exception>
    public void Validate()
    {
        Check.Within(Width, 32, 4096);
        Check.Within(Height, 32, 4096);
        Check.Within(MaxObjects, 0, 200);
        Check.Within(MinObjects, 0, MaxObjects);
        Check.Within(MaxSize, 8, Math.Min(Width, Height) - 2);
        Check.Within(MinSize, 8, MaxSize);
        Check.Within(CrowdProbability, 0, 1);
        Check.Within(MaxOverlap, 0, 0.9);
        Check.Within(MinOverlap, 0, MaxOverlap);
        Check.Within(MinVisible, 0, 1);
    }
}
