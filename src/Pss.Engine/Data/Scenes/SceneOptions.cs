namespace Pss.Engine.Data.Scenes;

/// <summary>What synthetic scenes look like.</summary>
public sealed record SceneOptions
{
    /// <summary>Width of the pictures in pixels.</summary>
    public int Width { get; init; } = 320;

    /// <summary>Height of the pictures in pixels.</summary>
    public int Height { get; init; } = 240;

    /// <summary>Fewest objects of a picture; there are fewer only where no room is found for them.</summary>
    public int MinObjects { get; init; } = 2;

    /// <summary>Most objects of a picture.</summary>
    public int MaxObjects { get; init; } = 12;

    /// <summary>Smallest longer side of an object's box, in pixels. Sizes are spread evenly in their logarithm.</summary>
    public double MinSize { get; init; } = 16;

    /// <summary>Largest longer side of an object's box, in pixels.</summary>
    public double MaxSize { get; init; } = 120;

    /// <summary>Whether all shapes are one class, "object". Telling them apart takes by far the most of a short training.</summary>
    public bool OneClass { get; init; }

    /// <summary>Share of pictures that hold a crowd: objects of one class, each of which overlaps another by an IoU of
    /// <see cref="MinOverlap"/> to <see cref="MaxOverlap"/>.</summary>
    public double CrowdProbability { get; init; } = 0.5;

    /// <summary>Smallest IoU of a crowd's member with its nearest.</summary>
    public double MinOverlap { get; init; } = 0.3;

    /// <summary>Largest IoU of any two boxes.</summary>
    public double MaxOverlap { get; init; } = 0.8;

    /// <summary>Smallest share of an object that the ones before it leave visible.</summary>
    public double MinVisible { get; init; } = 0.25;

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
