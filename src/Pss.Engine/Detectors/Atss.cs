using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>
/// ATSS (Zhang et al., "Bridging the Gap Between Anchor-based and Anchor-free Detection"), the paper's second base detector: FCOS's head on
/// one square anchor per location, with positives chosen by a threshold that adapts to each object's IoUs.
/// </summary>
/// <param name="options">The detector's options; they are checked.</param>
/// <param name="seed">Seed of the starting weights.</param>
internal sealed class Atss(AtssOptions options, ulong seed = 0) : CenternessDetector(options, seed)
{
    /// <inheritdoc/>
    protected override Tensor Assign(AnchorPoints points, BatchTargets targets) =>
        AdaptiveSelection.Assign(points, targets, options.Candidates, options.AnchorScale);

    /// <summary>At least one per image, as ATSS's base code counts.</summary>
    protected override Tensor CountPositives(Tensor isPositive) => isPositive.sum(1).AtLeast(1).sum();
}
