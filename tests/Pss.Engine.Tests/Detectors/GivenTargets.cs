using Pss.Engine.Assignment;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>Targets whose assignment an oracle gives location by location.</summary>
internal static class GivenTargets
{
    /// <summary>The objects of each image, and the object of each location, [N, L]; -1 is background.</summary>
    /// <param name="labels">Class of each location, [N, L]; <paramref name="classes"/> is background.</param>
    /// <param name="boxes">Box of each location's object, float64 [N, L, 4].</param>
    /// <param name="classes">Number of classes.</param>
    public static (BatchTargets Targets, Tensor Matched) Of(Tensor labels, Tensor boxes, long classes)
    {
        var (images, locations) = (labels.shape[0], labels.shape[1]);
        var (classOf, corners) = (OracleTensors.ToArray(labels), boxes.contiguous().data<double>().ToArray());
        var objects = Enumerable.Range(0, (int)images).Select(_ => new List<(long, double, double, double, double)>()).ToArray();
        var matched = new long[images * locations];
        for (var i = 0; i < matched.Length; i++)
        {
            var item = (classOf[i], corners[4 * i], corners[4 * i + 1], corners[4 * i + 2], corners[4 * i + 3]);
            var list = objects[i / locations];
            if (classOf[i] != classes && !list.Contains(item))
                list.Add(item);
            matched[i] = classOf[i] == classes ? -1 : list.IndexOf(item);
        }
        var most = objects.Max(list => list.Count);
        var padded = objects.SelectMany(list => list.Concat(Enumerable.Repeat((0L, 0.0, 0.0, 0.0, 0.0), most - list.Count))).ToArray();
        var targets = new BatchTargets(
            tensor(padded.SelectMany(item => new[] { item.Item2, item.Item3, item.Item4, item.Item5 }).ToArray()).view(images, most, 4),
            tensor(padded.Select(item => item.Item1).ToArray()).view(images, most),
            tensor(objects.SelectMany(list => Enumerable.Range(0, most).Select(i => i < list.Count)).ToArray()).view(images, most));
        return (targets, tensor(matched).view(images, locations));
    }
}
