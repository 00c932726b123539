using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// FCOS (Tian et al., "FCOS: Fully Convolutional One-Stage Object Detection"), the paper's first base detector: every location near an
/// object's center predicts the distances to the sides of its box, and its score is class probability times center-ness.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal class Fcos(FcosOptions options, ulong seed = 0) : CenternessDetector(options, seed)
{
    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        CenterSampling.Assign(points, targets, options.CenterRadius, options.RangeBounds);

    /// <inheritdoc/>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum();
}
