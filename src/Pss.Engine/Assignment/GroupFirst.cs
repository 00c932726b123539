using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>
/// Who comes first in each group: how a location that several objects want goes to one of them, and how an object picks one of its locations. Sorting keeps this
/// at one number per entry, where comparing all locations with all objects takes one per pair. N images, M entries.
/// </summary>
internal static class GroupFirst
{
    /// <summary>The first entry of each group, [N, groups], 64-bit integers; -1 for groups without entries.</summary>
    /// <param name="group">The group of each entry, 0 to groups - 1, [N, M]; the number of groups itself for entries of none.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="keys">What comes first has the smallest key; each further key settles ties of those before it, the lower index those of the last. [N, M] each.</param>
    public static Tensor Of(Tensor group, long groups, params IReadOnlyList<Tensor> keys)
    {
        using var scope = NewDisposeScope();
        Tensor? order = null;
        // Stable sorts, from the last key to the first.
        foreach (var key in keys.Reverse().Append(group))
        {
            var (_, sorted) = (order is null ? key : key.gather(1, order)).sort(1, stable: true);
            order = order is null ? sorted : order.gather(1, sorted);
        }
        var ofSorted = group.gather(1, order!);
        var others = ofSorted.shape[1] - 1;
        var differs = ofSorted.narrow(1, 1, others).ne(ofSorted.narrow(1, 0, others));
        var isFirst = cat([ones_like(ofSorted.narrow(1, 0, 1), ScalarType.Bool), differs], 1);
        // All others go to a column of their own, cut off again.
        var column = ofSorted.Masked(isFirst.logical_not(), groups);
        var first = Tensor.Constant(group.shape[0] * (groups + 1), -1, group.device, ScalarType.Int64).view(group.shape[0], groups + 1);
        return first.scatter_(1, column, order!).narrow(1, 0, groups).MoveToOuterDisposeScope();
    }
}
