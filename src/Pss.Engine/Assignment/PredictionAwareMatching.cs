using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// POTO, the prediction-aware one-to-one assignment of DeFCN (Wang et al., "End-to-End Object Detection with Fully Convolutional Network"): each object
/// gets one of the locations near its center, by score and overlap. N images, L locations, G objects, C classes; without gradient.
/// </summary>
internal static class PredictionAwareMatching
{
    /// <summary>
    /// The object each location is matched to, [N, L], 64-bit integers; -1 is background. Of two objects that would take the same location, which the
    /// matching by each object's best location allows, the better one keeps it.
    /// </summary>
    /// <param name="options">Quality, candidates and matching algorithm.</param>
    /// <param name="logits">Logits of the score, [N, L, C].</param>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    public static Tensor Assign(MatchingOptions options, Tensor logits, Tensor boxes, AnchorPoints points, BatchTargets targets)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var candidates = CenterSampling.CenterRegion(points, targets, options.CenterRadius);
        var locations = OneToOneMatcher.Match(options, logits, boxes, points, targets, candidates);
        var quality = OneToOneMatcher.Quality(options, logits, boxes, targets);
        return BestObject(quality, IsMatch(locations, quality.shape[1])).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// An assignment that matches as many objects as one by predictions can, [N, L], as above: for the number of matched objects where there are no
    /// predictions.
    /// </summary>
    /// <param name="options">Candidates.</param>
    /// <param name="points">The locations.</param>
    /// <param name="targets">The objects.</param>
    public static Tensor AssignMost(MatchingOptions options, AnchorPoints points, BatchTargets targets)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var candidates = CenterSampling.CenterRegion(points, targets, options.CenterRadius) & targets.Valid.unsqueeze(1);
        var equal = zeros_like(candidates, ScalarType.Float32);
        var locations = OneToOneMatcher.Hungarian(equal, candidates);
        return BestObject(equal, IsMatch(locations, equal.shape[1])).MoveToOuterDisposeScope();
    }

    /// <summary>The allowed object of the highest quality at each location, [N, L]; -1 where none is allowed.</summary>
    /// <param name="quality">At least 0, [N, L, G].</param>
    /// <param name="allowed">[N, L, G].</param>
    private static Tensor BestObject(Tensor quality, Tensor allowed)
    {
        var (highest, index) = quality.Masked(allowed.logical_not(), -1).max(-1);
        return index.Masked(highest.IsBelow(0), -1);
    }

    /// <summary>True at the location of each object, [N, L, G].</summary>
    private static Tensor IsMatch(Tensor locations, long count) => locations.unsqueeze(1).eq(Tensor.Indices(count, locations.device).view(1, -1, 1));
}
