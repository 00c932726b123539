namespace Pss.Engine.Evaluation;

/// <summary>The matches of one image and category, all sizes. G = objects, D = evaluated detections.</summary>
internal sealed record ImageMatches
{
    /// <summary>The image.</summary>
    public required long ImageId { get; init; }

    /// <summary>The category.</summary>
    public required long CategoryId { get; init; }

    /// <summary>[G] positions in the list of objects given to the evaluator: regular ones first, then ignored ones.</summary>
    public required int[] Objects { get; init; }

    /// <summary>[D] positions in the list of detections given to the evaluator, in descending score order.</summary>
    public required int[] Detections { get; init; }

    /// <summary>[10][D] by IoU threshold: the position of the matched object in the list of objects, or -1.</summary>
    public required int[][] MatchedObject { get; init; }

    /// <summary>[10][D] by IoU threshold: whether the detection is ignored.</summary>
    public required bool[][] Ignored { get; init; }
}
