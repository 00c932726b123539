namespace Pss.Engine.Evaluation;

/// <summary>Computes precision and recall from the outcomes of one category.</summary>
internal sealed class PrecisionRecall(IReadOnlyList<int> maxDetections)
{
    private const double Epsilon = 2.220446049250313e-16;

    private readonly List<double> _scores = [];
    private readonly List<int> _ranks = [];
    private readonly List<Outcome>[] _outcomes = [.. Enumerable.Range(0, AreaRanges.Count).Select(_ => new List<Outcome>())];
    private readonly int[] _objects = new int[AreaRanges.Count];

    /// <summary>Adds one detection: its score and its rank within its image. Images are added by ascending id.</summary>
    public void AddScore(double score, int rank)
    {
        _scores.Add(score);
        _ranks.Add(rank);
    }

    /// <summary>Adds the objects that count and the outcomes of one image.</summary>
    public void Add(int range, int objects, Outcome[] outcomes)
    {
        _objects[range] += objects;
        _outcomes[range].AddRange(outcomes);
    }

    public CategoryScores Score(IReadOnlyList<ImageMatches> matches)
    {
        var order = new int[_scores.Count];
        var keys = new (double, int)[order.Length];
        for (var i = 0; i < order.Length; i++)
            (order[i], keys[i]) = (i, (-_scores[i], i));
        Array.Sort(keys, order);
        var result = new CategoryScores { Objects = _objects, Detections = order.Length, Matches = matches };
        for (var range = 0; range < AreaRanges.Count; range++)
            for (var t = 0; t < CocoEvaluation.IouThresholds.Count; t++)
            {
                if (_objects[range] == 0)
                    continue;
                for (var limit = 0; limit < maxDetections.Count; limit++)
                    result.Recall[range][limit][t] = (double)CountFound(range, t, maxDetections[limit]) / _objects[range];
                result.Precision[range][t] = Curve(range, t, order, range == 0 ? result : null);
            }
        return result;
    }

    private int CountFound(int range, int t, int limit)
    {
        var found = 0;
        for (var i = 0; i < _ranks.Count; i++)
            if (_ranks[i] < limit)
                found += (_outcomes[range][i].Matched & ~_outcomes[range][i].Ignored) >> t & 1;
        return found;
    }

    /// <summary>Average precision over the 101 recall thresholds; the curve is stored in <paramref name="keep"/> if given.</summary>
    private double Curve(int range, int t, int[] order, CategoryScores? keep)
    {
        var recall = new double[order.Length];
        var precision = new double[order.Length];
        int right = 0, wrong = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var outcome = _outcomes[range][order[i]];
            if ((outcome.Ignored >> t & 1) == 0)
            {
                right += outcome.Matched >> t & 1;
                wrong += ~outcome.Matched >> t & 1;
            }
            recall[i] = (double)right / _objects[range];
            precision[i] = right / (right + wrong + Epsilon);
        }
        for (var i = precision.Length - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);

        double sum = 0;
        var at = 0;
        for (var r = 0; r < CocoEvaluation.RecallThresholds.Count; r++)
        {
            while (at < recall.Length && recall[at] < CocoEvaluation.RecallThresholds[r])
                at++;
            var reached = at < recall.Length;
            sum += reached ? precision[at] : 0;
            if (keep is null)
                continue;
            keep.PrecisionCurve[t][r] = reached ? precision[at] : 0;
            keep.ScoreCurve[t][r] = reached ? _scores[order[at]] : 0;
        }
        return sum / CocoEvaluation.RecallThresholds.Count;
    }
}
