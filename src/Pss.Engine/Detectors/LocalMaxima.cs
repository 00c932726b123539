using Pss.Engine.Boxes;
using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Detectors;

/// <summary>
/// Where a score is the largest of its class among the eight locations around it on its level: how CenterNet (Zhou et al., "Objects as Points", section 3) finds its
/// objects. N images, L locations, C classes.
/// </summary>
internal static class LocalMaxima
{
    /// <summary>What the score of every other location becomes: below every threshold.</summary>
    public const float Dropped = -1;

    private const int Window = 3;

    /// <summary>The scores [N, L, C] with all but the local maxima dropped. The tensor belongs to the dispose scope in force.</summary>
    /// <param name="scores">Probabilities.</param>
    /// <param name="levels">The levels that the locations lie on.</param>
    public static Tensor Of(Tensor scores, IReadOnlyList<LevelShape> levels)
    {
        using var scope = NewDisposeScope();
        var (largest, first) = (new List<Tensor>(), 0L);
        foreach (var level in levels)
        {
            var map = scores.narrow(1, first, level.Count).unflatten(1, [level.Height, level.Width]).permute(0, 3, 1, 2);
            largest.Add(functional.max_pool2d(map, Window, stride: 1, padding: Window / 2));
            first += level.Count;
        }
        return scores.Masked(scores < HeadOutputs.Flatten(largest), Dropped).MoveToOuterDisposeScope();
    }

    /// <summary>The same for one level as operators, [N, C, H * W].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scores">Scores of the level's locations, [N, C, H * W].</param>
    /// <param name="maps">Makes them maps, [N, C, H, W].</param>
    public static OnnxValue Export(OnnxGraph graph, OnnxValue scores, Func<OnnxValue, OnnxValue> maps)
    {
        var largest = graph.Reshape(graph.MaxPool(maps(scores), Window, 1, Window / 2), 0, 0, -1);
        return graph.Where(graph.Node("GreaterOrEqual", [scores, largest]), scores, graph.Number(Dropped));
    }
}
