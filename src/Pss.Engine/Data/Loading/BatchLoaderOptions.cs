namespace Pss.Engine.Data.Loading;

/// <summary>Options for batches.</summary>
internal sealed record BatchLoaderOptions
{
    /// <summary>Images per batch; the last batch of an epoch, or of an aspect group, may have fewer.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Determines order and augmentation, together with the epoch and the sample's index.</summary>
    public long Seed { get; init; }

    /// <summary>Threads that decode and augment; 0 takes one per processor, at most 16.</summary>
    public int Workers { get; init; }

    /// <summary>Number of batches prepared in advance.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Whether samples are shuffled every epoch; otherwise they come in order of their index.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Whether batches have only wide or only tall images, which reduces padding.</summary>
    public bool GroupByAspect { get; init; } = true;

    /// <summary>Batch width and height are multiples of this: the coarsest stride that must divide them, 32 in the paper's recipe.</summary>
    public int SizeDivisor { get; init; } = 32;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">A property is out of range; the message names it, its value and the range.</exception>
    public void Validate()
    {
        Range(nameof(BatchSize), BatchSize, 1, 4096);
        Range(nameof(Workers), Workers, 0, 256);
        Range(nameof(Prefetch), Prefetch, 1, 64);
        Range(nameof(SizeDivisor), SizeDivisor, 1, 1024);

        static void Range(string name, int value, int low, int high)
        {
            if (value < low || value > high)
                throw new ArgumentException($"{name} is {value}; the range is {low} to {high}");
        }
    }
}
