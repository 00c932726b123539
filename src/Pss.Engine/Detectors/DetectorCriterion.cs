using Pss.Engine.Assignment;
using Pss.Engine.Boxes;
using Pss.Engine.Losses;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// From a batch's outputs and objects to its losses: assign one to many, match one to one, measure.
/// N images, L locations, C classes, G objects. No value leaves the device (save for the Hungarian method).
/// </summary>
/// <param name="options">The detector's options.</param>
public sealed class DetectorCriterion(DetectorOptions options)
{
    /// <summary>The losses, with gradient. The tensors belong to the dispose scope in force.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="objects">The ground-truth objects.</param>
    public DetectorLosses Compute(HeadOutputs outputs, BatchTargets objects)
    {
        using var scope = NewDisposeScope();
        var grid = AnchorPoints.Create(outputs.Levels, options.Assignment.PointOffset, outputs.ClassLogits.device);
        return Measure(outputs, objects, grid, OneToManyAssigner.Assign(options.Assignment, grid, objects));
    }

    /// <summary>The losses for locations and an assignment of the caller's.</summary>
    /// <param name="outputs">The network outputs.</param>
    /// <param name="objects">The ground-truth objects.</param>
    /// <param name="grid">The locations.</param>
    /// <param name="matched">The object of each location, [N, L]; -1 is background.</param>
    public DetectorLosses Compute(HeadOutputs outputs, BatchTargets objects, AnchorPoints grid, Tensor matched)
    {
        using var scope = NewDisposeScope();
        return Measure(outputs, objects, grid, matched);
    }

    // The results move out of its caller's scope.
    private DetectorLosses Measure(HeadOutputs raw, BatchTargets objects, AnchorPoints grid, Tensor matched)
    {
        var outputs = raw.ToFloat32();
        var loss = options.Losses;
        var positive = matched.IsAtLeast(0);
        var positives = positive.sum();
        // ATSS's base code counts at least one positive an image, FCOS's one a batch.
        bool perImage = options.Assignment.Method == AssignmentMethod.Atss;
        var normalizer = perImage ? positive.sum(1).AtLeast(1).sum() : positives.AtLeast(1);

        var classification = Classification(outputs, objects, grid, matched, positive) / normalizer;
        var boxes = BoxCoder.Decode(options.Head.BoxEncoding, outputs.Boxes, grid.Points, grid.Strides, options.Assignment.AnchorScale);
        var (box, centerness) = BoxAndCenterness(outputs, boxes, objects, grid, matched, positive, normalizer);
        var total = classification.Times(loss.ClassificationWeight).Plus(box.Times(loss.BoxWeight)).Plus(centerness.Times(loss.CenternessWeight));

        Tensor? selector = null, ranking = null, count = null;
        if (options.Selector is not null)
        {
            (selector, ranking, count) = SelectorAndRanking(outputs, boxes, objects, grid, matched, positives);
            total = total.Plus(selector.Times(loss.SelectorWeight));
            if (ranking is not null)
                total = total.Plus(ranking.Times(loss.RankingWeight));
        }

        foreach (var result in (Tensor?[])[classification, box, centerness, selector, ranking, total, positives, count])
            result?.MoveToOuterDisposeScope();
        return new(classification, box, centerness, selector, ranking, total, positives, count);
    }

    /// <summary>Focal loss summed over all locations and classes.</summary>
    private Tensor Classification(HeadOutputs outputs, BatchTargets objects, AnchorPoints grid, Tensor matched, Tensor positive)
    {
        var label = objects.Labels.gather(1, matched.AtLeast(0));
        var target = OneHot(outputs.ClassLogits, label.Masked(positive.logical_not(), -1));
        var focal = FocalLoss.Elementwise(outputs.ClassLogits, target, options.Losses.FocalAlpha, options.Losses.FocalGamma);
        if (options.Assignment.IgnorePadding && objects.ImageSizes is { } sizes)
        {
            var inside = (grid.Points.unsqueeze(0) < sizes.unsqueeze(1)).all(-1);
            focal = focal * inside.unsqueeze(-1).to(focal.dtype);
        }

        return focal.sum();
    }

    // Dense over all locations with weight 0 off the positives: picking these would wait for the device.
    private (Tensor Box, Tensor Centerness) BoxAndCenterness(
        HeadOutputs outputs, Tensor boxes, BatchTargets objects, AnchorPoints grid, Tensor matched, Tensor positive, Tensor normalizer)
    {
        var mask = positive.to(boxes.dtype);
        var targetBoxes = objects.Boxes.gather(1, matched.AtLeast(0).unsqueeze(-1).expand(-1, -1, 4));
        var target = BoxOps.Centerness(BoxCoder.SideDistances(targetBoxes, grid.Points)) * mask;
        var entropy = functional.binary_cross_entropy_with_logits(outputs.CenternessLogits, target, reduction: Reduction.None);

        bool weighted = options.Losses.BoxWeighting == BoxWeighting.Centerness;
        var weight = weighted ? target : mask;
        var distance = (-BoxOps.GeneralizedIou(boxes, targetBoxes)).Plus(1);
        return ((distance * weight).sum() / (weighted ? weight.sum().AtLeast(1e-6) : normalizer), (entropy * mask).sum() / normalizer);
    }

    private (Tensor Selector, Tensor? Ranking, Tensor Matched) SelectorAndRanking(
        HeadOutputs outputs, Tensor boxes, BatchTargets objects, AnchorPoints grid, Tensor matched, Tensor positives)
    {
        bool full = options.Selector!.StopGradient == StopGradient.Full;
        var fused = FusedLogit.Combine(
            outputs.SelectorLogits ?? throw new InvalidOperationException("The options have a selector, the network's outputs have none."),
            full ? outputs.ClassLogits.detach() : outputs.ClassLogits,
            full ? outputs.CenternessLogits.detach() : outputs.CenternessLogits);

        var candidates = options.Matching.Candidates == MatchCandidates.CenterRegion
            ? OneToManyAssigner.CenterRegion(grid, objects, options.Assignment.CenterRadius)
            : matched.unsqueeze(-1).eq(Tensor.Indices(objects.Boxes.shape[1], matched.device));
        var location = OneToOneMatcher.Match(options.Matching, fused.detach(), boxes.detach(), grid, objects, candidates);
        var isMatched = location.IsAtLeast(0);
        var count = isMatched.sum();

        // One entry [location, class] of an image is the target of one object.
        long entries = fused.shape[1] * fused.shape[2];
        var entry = location.Times(fused.shape[2]).Plus(objects.Labels);
        var flat = fused.view(fused.shape[0], entries);
        var target = Hits(flat, entry.Masked(isMatched.logical_not(), -1));
        var divisor = options.Losses.SelectorNormalizer == SelectorNormalizer.Positives ? positives : count;
        var loss = options.Losses;
        var selector = FocalLoss.Elementwise(flat, target, loss.FocalAlpha, loss.FocalGamma).sum() / divisor.AtLeast(1);
        if (loss.RankingWeight == 0)
            return (selector, null, count);

        var negatives = loss.RankingNegatives == RankingNegatives.LocationsAndClasses
            ? flat.Masked(target.IsAbove(0), double.NegativeInfinity)
            : fused.amax([2]).Masked(Hits(outputs.CenternessLogits, location).IsAbove(0), double.NegativeInfinity);
        var chosen = flat.gather(1, entry.AtLeast(0));
        var ranking = RankingLoss.Compute(chosen, isMatched, negatives, loss.RankingMargin, loss.RankingCount);
        return (selector, ranking, count);
    }

    /// <summary>Ones of the shape [N, L, C] at the class of each location, [N, L]; -1 has none.</summary>
    private static Tensor OneHot(Tensor like, Tensor label) =>
        label.unsqueeze(-1).eq(Tensor.Indices(like.shape[2], like.device)).to(like.dtype);

    /// <summary>Ones of the shape [N, M] at the indices [N, G]; -1 has none.</summary>
    private static Tensor Hits(Tensor like, Tensor index)
    {
        // -1 goes to a column of its own, cut off again.
        var hits = zeros(like.shape[0], like.shape[1] + 1, dtype: like.dtype, device: like.device);
        var column = index.Masked(index.IsBelow(0), like.shape[1]);
        return hits.scatter_(1, column, ones_like(column).to(like.dtype)).narrow(1, 0, like.shape[1]);
    }
}
