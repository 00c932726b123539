namespace Pss.Engine.Evaluation;

/// <summary>F1 by score threshold: F1 = 2 TP / (2 TP + FP + FN), where TP are correct detections, FP wrong detections and FN missed objects.
/// It equals the harmonic mean of precision TP / (TP + FP) and recall TP / (TP + FN).</summary>
internal sealed record F1Curve
{
    /// <summary>Objects that are not crowds.</summary>
    public required int Objects { get; init; }

    /// <summary>[1001] F1 at each of <see cref="ScoreThresholds"/>; empty without objects, for which F1 is not defined.</summary>
    public required IReadOnlyList<double> Values { get; init; }

    /// <summary>The threshold of the highest F1, of equal ones the middle one; null if no object is found at any threshold.</summary>
    public required F1Point? Best { get; init; }

    /// <summary>Computes the curve.</summary>
    /// <param name="objects">Number of objects.</param>
    /// <param name="correct">[1001] correct detections by the highest threshold that they reach.</param>
    /// <param name="wrong">[1001] wrong detections by the highest threshold that they reach.</param>
    public static F1Curve From(int objects, int[] correct, int[] wrong)
    {
        if (objects == 0)
            return new() { Objects = 0, Values = [], Best = null };
        var points = new F1Point[ScoreThresholds.Count];
        var (tp, fp) = (0, 0);
        for (var i = points.Length - 1; i >= 0; i--)
        {
            tp += correct[i];
            fp += wrong[i];
            points[i] = new(ScoreThresholds.At(i), 2.0 * tp / (tp + fp + objects), tp / Math.Max(1.0, tp + fp), (double)tp / objects);
        }
        var highest = points.Max(point => point.F1);
        var best = points.Where(point => point.F1 == highest).ToArray();
        return new() { Objects = objects, Values = [.. points.Select(point => point.F1)], Best = highest > 0 ? best[best.Length / 2] : null };
    }
}
