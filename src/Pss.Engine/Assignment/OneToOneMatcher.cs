using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// Picks the one location that is to detect an object end to end (the paper's section 3.3, equation 3), without gradient.
/// N images, L locations, G objects, C classes.
/// </summary>
internal static class OneToOneMatcher
{
    /// <summary>The location of each object, [N, G], 64-bit integers; -1 for objects without candidates and for padding.</summary>
    /// <param name="options">The matching score and the matching algorithm.</param>
    /// <param name="fusedLogits">Logits of the product of all scores, [N, L, C].</param>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    /// <param name="grid">The locations.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="candidates">Omega: true where a location may be matched to an object, [N, L, G].</param>
    public static Tensor Match(
        MatchingOptions options, Tensor fusedLogits, Tensor boxes, AnchorPoints grid, BatchTargets objects, Tensor candidates)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var score = ObjectScores(fusedLogits, objects);
        var quality = MatchingScore(options, score, BoxOps.IouMatrix(boxes, objects.Boxes));
        var allowed = candidates & objects.Valid.unsqueeze(1);
        var location = options.Matcher == Matcher.Hungarian
            ? Hungarian(quality, allowed)
            : TopOne(quality, allowed, score, CenterDistance(grid, objects));
        return location.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The same with the positives as candidates: no location has two objects, so that each object's best location is the best assignment, and one number
    /// per location is enough.
    /// </summary>
    /// <param name="options">The matching score.</param>
    /// <param name="fusedLogits">Logits of the product of all scores, [N, L, C].</param>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    /// <param name="grid">The locations.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="positives">The object each location is a positive of, [N, L]; -1 is background.</param>
    public static Tensor MatchPositives(
        MatchingOptions options, Tensor fusedLogits, Tensor boxes, AnchorPoints grid, BatchTargets objects, Tensor positives)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var owner = positives.AtLeast(0);
        var score = fusedLogits.gather(2, objects.Labels.gather(1, owner).unsqueeze(-1)).squeeze(-1).sigmoid();
        var quality = MatchingScore(options, score, BoxOps.Iou(boxes, OfOwner(objects.Boxes)));
        var distance = (grid.Points - OfOwner(objects.Centers())).Power(2).sum(-1);
        var group = positives.Masked(positives.IsBelow(0), objects.Labels.shape[1]);
        IReadOnlyList<Tensor> keys = [-quality, -score, distance];
        if (options.Candidates == MatchCandidates.PositivesOnLevel)
            keys = [OffLevel(grid.Strides, OfOwner(objects.Boxes)), .. keys];
        return GroupFirst.Of(group, objects.Labels.shape[1], keys).MoveToOuterDisposeScope();

        Tensor OfOwner(Tensor ofObjects) => ofObjects.gather(1, owner.unsqueeze(-1).expand(-1, -1, ofObjects.shape[2]));
    }

    /// <summary>0 for locations on the level of their object's size, 1 for others, [N, L].</summary>
    /// <param name="strides">The stride of each location, [L].</param>
    /// <param name="boxes">The object of each location, [N, L, 4].</param>
    public static Tensor OffLevel(Tensor strides, Tensor boxes)
    {
        using var scope = NewDisposeScope();
        var longerSide = (boxes.narrow(-1, 2, 2) - boxes.narrow(-1, 0, 2)).amax([-1]) / strides;
        var tooLarge = longerSide.IsAbove(LevelShape.LargestSide) & strides.IsBelow(LevelShape.Strides[^1]);
        var tooSmall = longerSide.IsAbove(LevelShape.LargestSide / 2).logical_not() & strides.IsAbove(LevelShape.Strides[0]);
        return (tooLarge | tooSmall).to(boxes.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The matching score of each location for each object, [N, L, G].</summary>
    /// <param name="options">How score and overlap combine.</param>
    /// <param name="logits">Logits of the score, [N, L, C].</param>
    /// <param name="boxes">Predicted boxes in pixels, [N, L, 4].</param>
    /// <param name="objects">The objects.</param>
    public static Tensor Quality(MatchingOptions options, Tensor logits, Tensor boxes, BatchTargets objects)
    {
        using var scope = NewDisposeScope();
        return MatchingScore(options, ObjectScores(logits, objects), BoxOps.IouMatrix(boxes, objects.Boxes)).MoveToOuterDisposeScope();
    }

    /// <summary>The matching score (equation 3) of each location for each object, in the shape of the inputs: P^(1 - alpha) IoU^alpha, or the sum.</summary>
    /// <param name="options">How the two combine.</param>
    /// <param name="score">P, the fused score at the object's class.</param>
    /// <param name="iou">Overlap of predicted box and object.</param>
    public static Tensor MatchingScore(MatchingOptions options, Tensor score, Tensor iou) => options.Quality == MatchQuality.Add
        ? score.Times(1 - options.Alpha).Plus(iou.Times(options.Alpha))
        : score.Power(1 - options.Alpha) * iou.Power(options.Alpha);

    /// <summary>
    /// The best allowed location of each object, [N, G]; -1 where none is allowed. Ties: the larger score, the smaller distance, the
    /// lower index.
    /// </summary>
    /// <param name="quality">[N, L, G].</param>
    /// <param name="allowed">[N, L, G].</param>
    /// <param name="score">First tie-breaker, [N, L, G].</param>
    /// <param name="distance">Second tie-breaker, [N, L, G].</param>
    public static Tensor TopOne(Tensor quality, Tensor allowed, Tensor score, Tensor distance)
    {
        using var scope = NewDisposeScope();
        var best = allowed;
        foreach (var key in (Tensor[])[quality, score, -distance])
        {
            var masked = key.Masked(best.logical_not(), double.NegativeInfinity);
            best = best & masked.eq(masked.amax([1], keepdim: true));
        }

        long count = quality.shape[1];
        var index = Tensor.Indices(count, quality.device).view(1, -1, 1).Masked(best.logical_not(), count).amin([1]);
        return index.Masked(index.IsEqualTo(count), -1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The allowed assignment of the greatest total quality, [N, G]; -1 where an object gets no allowed location. Solved on the host.
    /// </summary>
    /// <param name="quality">[N, L, G].</param>
    /// <param name="allowed">[N, L, G].</param>
    public static Tensor Hungarian(Tensor quality, Tensor allowed)
    {
        using var scope = NewDisposeScope();
        // -1 is below every quality: the solver uses such an entry only when nothing allowed is left, and it is dropped then.
        var score = quality.Masked(allowed.logical_not(), -1).to(ScalarType.Float64).cpu();
        var location = new long[score.shape[0] * score.shape[2]];
        for (int image = 0; image < score.shape[0]; image++)
        {
            using var step = NewDisposeScope();
            var used = score[image].amax([1]).IsAtLeast(0).nonzero().view(-1);
            long[] columns = used.ToHost<long>();
            double[] values = score[image].index_select(0, used).transpose(0, 1).ToHost<double>();
            int objects = (int)score.shape[2];
            int[] solution = LinearAssignment.Maximize(values, objects, columns.Length);
            for (int i = 0; i < objects; i++)
            {
                bool dropped = solution[i] < 0 || values[i * columns.Length + solution[i]] < 0;
                location[image * objects + i] = dropped ? -1 : columns[solution[i]];
            }
        }

        return tensor(location, [score.shape[0], score.shape[2]]).to(quality.device).MoveToOuterDisposeScope();
    }

    /// <summary>The probability of each location at each object's class, [N, L, G].</summary>
    private static Tensor ObjectScores(Tensor logits, BatchTargets objects) =>
        logits.gather(2, objects.Labels.unsqueeze(1).expand(-1, logits.shape[1], -1)).sigmoid();

    private static Tensor CenterDistance(AnchorPoints points, BatchTargets targets) =>
        (points.Points.view(1, -1, 1, 2) - targets.Centers().unsqueeze(1)).Power(2).sum(-1);
}
