using Pss.Engine.Data.Images;

namespace Pss.Engine.Inference;

/// <summary>How a trained detector is run.</summary>
public sealed record InferenceOptions
{
    /// <summary>From outputs to detections.</summary>
    public PostProcessingOptions PostProcessing { get; init; } = new();

    /// <summary>How images are brought to the network's size; null takes the rule stored with the detector.</summary>
    public Resize? Resize { get; init; }

    /// <summary>"cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</summary>
    public string? Device { get; init; }

    /// <summary>Number format of the convolutions.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Whether batch normalization is moved into the convolutions; same results up to rounding, one pass less over each map.</summary>
    public bool FoldBatchNorm { get; init; } = true;

    /// <summary>Convolutions on stride-permuted (channels-last) tensors; null takes what measured faster on the device.</summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>Large 3x3 convolutions by minimal filtering (Winograd), equal to the direct sum within about 1e-5; null takes what measured
    /// faster: Float32 on the CPU.</summary>
    public bool? Winograd { get; init; }

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate() => PostProcessing.Validate();
}
