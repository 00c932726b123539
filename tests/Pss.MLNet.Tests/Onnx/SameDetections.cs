using Pss.Engine.Data;
using Pss.Engine.Inference;

namespace Pss.MLNet.Tests.Onnx;

internal static class SameDetections
{
    /// <summary>
    /// Every detection of either side has one of its own on the other, of the same class, with score and box (as a fraction of
    /// <paramref name="size"/>) within the tolerance. Where the list is cut at 100, what ties with the last may be on one side only.
    /// </summary>
    public static void Check(IReadOnlyList<Detection> expected, IReadOnlyList<Detection> actual, double tolerance, double size)
    {
        var cut = expected.Count == 100 ? expected[^1].Score + 2 * tolerance : 0;
        var free = actual.ToList();
        foreach (var detection in expected)
        {
            var nearest = free.Where(other => other.Label == detection.Label).MinBy(other => Distance(detection, other));
            if (nearest is not null && Distance(detection, nearest) <= tolerance)
                free.Remove(nearest);
            else
                Assert.True(detection.Score < cut, $"{detection} is missing; nearest: {nearest}; {expected.Count} expected, {actual.Count} found");
        }
        Assert.All(free, detection => Assert.True(detection.Score < cut, $"{detection} is too much"));
        Assert.Equal(actual.Select(d => d.Score), actual.Select(d => d.Score).OrderDescending());

        double Distance(Detection a, Detection b) => new[] { a.X1 - b.X1, a.Y1 - b.Y1, a.X2 - b.X2, a.Y2 - b.Y2 }
            .Max(difference => Math.Max(Math.Abs(difference) / size, Math.Abs(a.Score - b.Score)));
    }
}
