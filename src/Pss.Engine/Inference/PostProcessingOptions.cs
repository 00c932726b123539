

namespace Pss.Engine.Inference;

/// <summary>How dense outputs become detections. The defaults are the paper's.</summary>
public sealed record PostProcessingOptions
{
    /// <summary>Which output is used; null takes <see cref="DetectionMode.EndToEnd"/> where the detector can do without NMS: with a selector, or DeFCN.</summary>
    public DetectionMode? Mode { get; init; }

    /// <summary>Detections below this score are left out. 0 for metrics (a threshold can only lower them); for an application about 0.3.</summary>
    public float ScoreThreshold { get; init; }

    /// <summary>Most detections of an image.</summary>
    public int MaxDetections { get; init; } = 100;

    /// <summary>One to many: candidates of a level that go on to NMS.</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <summary>One to many: candidates below this score (of the class alone without <see cref="GeometricMean"/>) are left out before NMS.</summary>
    public float CandidateThreshold { get; init; } = 0.05f;

    /// <summary>One to many: IoU with a better box of the class above which a box is dropped; 1 keeps all.</summary>
    public float NmsThreshold { get; init; } = 0.6f;

    /// <summary>One to many: candidates are scored by the square root of class probability times center-ness, threshold and best candidates of a level by it,
    /// class by class, as torchvision has it. Otherwise by the product itself; the threshold applies to the class probability alone, the best locations of
    /// a level are those with the best product, as in the paper's base code.</summary>
    public bool GeometricMean { get; init; }

    /// <summary>Whether a detector that predicts masks gives them; without them it is faster.</summary>
    public bool Masks { get; init; } = true;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Check.Within(ScoreThreshold, 0, 1);
        Check.Within(MaxDetections, 1, 100_000);
        Check.Within(CandidatesPerLevel, 1, 1_000_000);
        Check.Within(CandidateThreshold, 0, 1);
        Check.Within(NmsThreshold, 0, 1);
    }
}
