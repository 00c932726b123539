
namespace Pss.Engine.Boxes;

/// <summary>
/// Non-maximum suppression for the one-to-many output, on plain arrays: after the top-k only some thousand boxes are left, and one copy
/// of them to the host costs less than one device kernel per box.
/// </summary>
internal static class HardNms
{
    /// <summary>
    /// Takes boxes in descending score order (equal scores: the earlier one first) and drops a box whose IoU with a kept box of its class is
    /// above the threshold; IoU equal to the threshold stays.
    /// </summary>
    /// <param name="boxes">x1, y1, x2, y2 of each box.</param>
    /// <param name="scores">One score per box.</param>
    /// <param name="labels">One class per box; empty when boxes of all classes suppress each other.</param>
    /// <param name="iouThreshold">0 to 1.</param>
    /// <param name="limit">Most boxes to keep.</param>
    /// <returns>Indices of the kept boxes, in descending score order.</returns>
    /// <exception cref="ArgumentException">The lengths do not agree.</exception>
    public static int[] Keep(
        ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<int> labels, float iouThreshold, int limit = int.MaxValue)
    {
        int count = scores.Length;
        if (boxes.Length != 4 * count || (labels.Length != count && labels.Length != 0))
            throw new ArgumentException($"{boxes.Length} coordinates and {labels.Length} labels do not fit {count} scores.", nameof(boxes));

        // One array is sorted by the other's negated values; ties keep the order of the input because the index is part of the key.
        var keys = new (float Negated, int Index)[count];
        for (int i = 0; i < count; i++)
            keys[i] = (-scores[i], i);
        Array.Sort(keys);

        var kept = new List<int>();
        var keptOfClass = new Dictionary<int, List<int>>();
        foreach (var (_, candidate) in keys)
        {
            if (kept.Count == limit)
                break;
            int label = labels.IsEmpty ? 0 : labels[candidate];
            if (!keptOfClass.TryGetValue(label, out var rivals))
                keptOfClass[label] = rivals = [];
            if (Suppressed(boxes, candidate, rivals, iouThreshold))
                continue;
            rivals.Add(candidate);
            kept.Add(candidate);
        }

        return [.. kept];
    }

    private static bool Suppressed(ReadOnlySpan<float> boxes, int candidate, List<int> rivals, float iouThreshold)
    {
        var a = boxes.Slice(4 * candidate, 4);
        float area = (a[2] - a[0]) * (a[3] - a[1]);
        foreach (int rival in rivals)
        {
            var b = boxes.Slice(4 * rival, 4);
            float width = MathF.Min(a[2], b[2]) - MathF.Max(a[0], b[0]);
            float height = MathF.Min(a[3], b[3]) - MathF.Max(a[1], b[1]);
            if (width <= 0 || height <= 0)
                continue;
            float intersection = width * height;
            if (intersection / (area + (b[2] - b[0]) * (b[3] - b[1]) - intersection) > iouThreshold)
                return true;
        }

        return false;
    }
}
