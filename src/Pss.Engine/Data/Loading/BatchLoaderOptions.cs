namespace Pss.Engine.Data.Loading;

/// <summary>Options for batches.</summary>
internal sealed record BatchLoaderOptions
{
    /// <summary>Images per batch; the last two of an epoch, or of an aspect group, may have fewer. None has a single image, unless there is but one or this is
    /// 1; with 2 the last may have three.</summary>
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

    /// <summary>Number of epochs, for an augmentation that ends before them.</summary>
    public int Epochs { get; init; } = int.MaxValue;

    /// <summary>Share of the images below which a class is rare: images with rare classes are repeated within an epoch; 0 repeats none.</summary>
    public double RepeatThreshold { get; init; }

    /// <summary>Images without objects per image with objects that an epoch takes at most; 0 takes all.</summary>
    public double BackgroundRatio { get; init; }

    /// <summary>Number of processes that share each batch.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>The number of this process, from 0: it takes images Rank, Rank + Processes, ... of each batch.</summary>
    public int Rank { get; init; }

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
