namespace Pss.Engine.Evaluation;

/// <summary>Which detection found which object in one image and category, all sizes. G = objects, D = detections that took part.</summary>
internal sealed record ImageMatches
{
    /// <summary>The image.</summary>
    public required long ImageId { get; init; }

    /// <summary>The category.</summary>
    public required long CategoryId { get; init; }

    /// <summary>[G] positions in the list of objects given to the evaluator: regular ones first, then ignored ones.</summary>
    public required int[] Objects { get; init; }

    /// <summary>[D] positions in the list of detections given to the evaluator, by descending score.</summary>
    public required int[] Detections { get; init; }

    /// <summary>[10][D] by IoU threshold: the position in the list of objects that the detection found, or -1.</summary>
    public required int[][] MatchedObject { get; init; }

    /// <summary>[10][D] by IoU threshold: the detection counts neither as right nor as wrong.</summary>
    public required bool[][] Ignored { get; init; }
}
