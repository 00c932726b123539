using Pss.Engine.Data;

namespace Pss.Engine.Evaluation;

/// <summary>Matches the detections of one category to its objects, image by image, and passes the outcome to a <see cref="PrecisionRecall"/>.
/// T = 10 IoU thresholds, one bit each; the area ranges are all, small, medium, large.</summary>
internal sealed class CategoryMatcher(CocoEvaluatorOptions options, EvaluationInput input)
{
    private static readonly double[] Thresholds = [.. CocoEvaluation.IouThresholds.Select(t => Math.Min(t, 1 - 1e-10))];

    private readonly AreaRanges _ranges = new(options);
    private readonly PrecisionRecall _outcome = new(options.MaxDetections);
    private readonly List<ImageMatches> _matches = [];
    private double[] _iou = [];

    public CategoryScores Run(int category)
    {
        foreach (var (imageId, objects, results) in input.Images(category))
            Match(imageId, input.Categories[category].Id, objects.ToArray(), BestFirst(results));
        return _outcome.Score(_matches);
    }

    /// <summary>The detections in descending score order, ties in file order, cut to the last limit.</summary>
    private int[] BestFirst(ReadOnlyMemory<int> results)
    {
        var sorted = results.ToArray();
        var keys = new (double Score, int Position)[sorted.Length];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = (-input.Results[sorted[i]].Score, sorted[i]);
        Array.Sort(keys, sorted);
        return sorted.Length <= options.MaxDetections[^1] ? sorted : sorted[..options.MaxDetections[^1]];
    }

    private void Match(long imageId, long categoryId, int[] objects, int[] results)
    {
        var resultAreas = Overlaps(objects, results);
        var outcomes = new Outcome[results.Length];
        for (var range = 0; range < AreaRanges.Count; range++)
        {
            var ignored = Array.ConvertAll(objects, g => input.GroundTruths[g] is var o && (o.IsCrowd || !_ranges.Contains(range, o.Area)));
            int[] order = [.. Enumerable.Range(0, objects.Length).OrderBy(g => ignored[g])];
            Array.Clear(outcomes);
            var matches = range == 0 && options.KeepMatches ? NewMatches(imageId, categoryId, objects, order, results) : null;
            for (var t = 0; t < Thresholds.Length && objects.Length > 0; t++)
                MatchAt(t, objects, order, ignored, outcomes, matches?.MatchedObject[t]);
            for (var d = 0; d < results.Length; d++)
                if (!_ranges.Contains(range, resultAreas[d]))
                    outcomes[d].Ignored |= ~outcomes[d].Matched & (1 << Thresholds.Length) - 1;
            _outcome.Add(range, ignored.Count(flag => !flag), outcomes);
            if (matches is not null)
                for (var t = 0; t < Thresholds.Length; t++)
                    matches.Ignored[t] = Array.ConvertAll(outcomes, outcome => (outcome.Ignored >> t & 1) == 1);
        }
        for (var d = 0; d < results.Length; d++)
            _outcome.AddScore(input.Results[results[d]].Score, d);
    }

    /// <summary>Matches each detection to the unmatched object of highest IoU; a regular object takes precedence over an ignored one.</summary>
    private void MatchAt(int t, int[] objects, int[] order, bool[] ignored, Outcome[] outcomes, int[]? matched)
    {
        Span<bool> taken = objects.Length <= 256 ? stackalloc bool[objects.Length] : new bool[objects.Length];
        for (var d = 0; d < outcomes.Length; d++)
        {
            var best = Thresholds[t];
            var match = -1;
            foreach (var g in order)
            {
                if (taken[g] && !input.GroundTruths[objects[g]].IsCrowd)
                    continue;
                if (match >= 0 && !ignored[match] && ignored[g])
                    break;
                if (_iou[d * objects.Length + g] < best)
                    continue;
                best = _iou[d * objects.Length + g];
                match = g;
            }
            if (match < 0)
                continue;
            taken[match] = true;
            outcomes[d].Matched |= 1 << t;
            if (ignored[match])
                outcomes[d].Ignored |= 1 << t;
            if (matched is not null)
                matched[d] = objects[match];
        }
    }

    private ImageMatches NewMatches(long imageId, long categoryId, int[] objects, int[] order, int[] results)
    {
        var matches = new ImageMatches
        {
            ImageId = imageId,
            CategoryId = categoryId,
            Objects = Array.ConvertAll(order, g => objects[g]),
            Detections = results,
            MatchedObject = new int[Thresholds.Length][],
            Ignored = new bool[Thresholds.Length][],
        };
        for (var t = 0; t < Thresholds.Length; t++)
            Array.Fill(matches.MatchedObject[t] = new int[results.Length], -1);
        _matches.Add(matches);
        return matches;
    }

    /// <summary>Computes the overlaps [D, G] and returns the areas of the detections.</summary>
    private double[] Overlaps(int[] objects, int[] results)
    {
        if (_iou.Length < objects.Length * results.Length)
            _iou = new double[Math.Max(objects.Length * results.Length, 2 * _iou.Length)];
        return options.Masks ? MaskOverlaps(objects, results) : BoxOverlaps(objects, results);
    }

    private double[] BoxOverlaps(int[] objects, int[] results)
    {
        var at = 0;
        foreach (var d in results)
            foreach (var g in objects)
                _iou[at++] = BoxOverlap.IoU(input.Results[d].Box, input.GroundTruths[g].Box, input.GroundTruths[g].IsCrowd);
        return Array.ConvertAll(results, d => input.Results[d].Box.Area);
    }

    private double[] MaskOverlaps(int[] objects, int[] results)
    {
        var masks = Array.ConvertAll(objects, g => new MeasuredMask(input.GroundTruths[g].Mask!));
        var found = Array.ConvertAll(results, d => new MeasuredMask(input.Results[d].Mask!));
        for (var d = 0; d < found.Length; d++)
            for (var g = 0; g < masks.Length; g++)
            {
                if (found[d].Height != masks[g].Height || found[d].Width != masks[g].Width)
                    throw EvaluationInput.Fault("results", results[d], $"the mask is {found[d].Width} x {found[d].Height}, but that of " +
                        $"groundTruths[{objects[g]}] in the same image is {masks[g].Width} x {masks[g].Height}");
                _iou[d * masks.Length + g] = found[d].IoU(masks[g], input.GroundTruths[objects[g]].IsCrowd);
            }
        return Array.ConvertAll(found, mask => (double)mask.Area);
    }
}
