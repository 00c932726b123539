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

    /// <summary>The same for one level as operators, [N, H * W, C].</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scores">Scores of the level's locations.</param>
    /// <param name="shape">Height and width of the level, Int64 [2].</param>
    public static OnnxValue Export(OnnxGraph graph, OnnxValue scores, OnnxValue shape)
    {
        var flat = graph.Transpose(scores, 0, 2, 1);
        var map = graph.Reshape(flat, graph.Concat(0, graph.Integers(0, 0), shape));
        var largest = graph.MaxPool(map, Window, 1, Window / 2);
        var kept = graph.Where(graph.Node("GreaterOrEqual", [map, largest]), map, graph.Number(Dropped));
        return graph.Transpose(graph.Reshape(kept, graph.Shape(flat)), 0, 2, 1);
    }
}
