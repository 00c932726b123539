
namespace Pss.Engine.Detectors;

/// <summary>Which tower the positive sample selector stands on (the paper's Table 4).</summary>
public enum SelectorInput
{
    /// <summary>The regression tower: the paper's choice.</summary>
    Regression,

    /// <summary>The classification tower: about 0.8 AP less end to end in the paper.</summary>
    Classification,
}
