namespace Pss.Engine.Evaluation;

/// <summary>The twelve metrics of the COCO protocol, each from 0 to 1, or -1 if no object counts for it. AR is the recall averaged over the
/// ten IoU thresholds; unless stated otherwise, metrics are at the last of <see cref="CocoEvaluatorOptions.MaxDetections"/> (100).</summary>
public sealed record CocoSummary
{
    /// <summary>Mean average precision over the ten IoU thresholds 0.5 to 0.95, all sizes ("mAP" in the paper).</summary>
    public required double AP { get; init; }

    /// <summary>AP at IoU 0.5.</summary>
    public required double AP50 { get; init; }

    /// <summary>AP at IoU 0.75.</summary>
    public required double AP75 { get; init; }

    /// <summary>AP of small objects.</summary>
    public required double APSmall { get; init; }

    /// <summary>AP of medium objects.</summary>
    public required double APMedium { get; init; }

    /// <summary>AP of large objects.</summary>
    public required double APLarge { get; init; }

    /// <summary>AR at the first limit of detections per image and category (1).</summary>
    public required double AR1 { get; init; }

    /// <summary>AR at the second limit of detections per image and category (10).</summary>
    public required double AR10 { get; init; }

    /// <summary>AR at the last limit of detections per image and category (100): "mAR" in the paper.</summary>
    public required double AR100 { get; init; }

    /// <summary>AR of small objects.</summary>
    public required double ARSmall { get; init; }

    /// <summary>AR of medium objects.</summary>
    public required double ARMedium { get; init; }

    /// <summary>AR of large objects.</summary>
    public required double ARLarge { get; init; }

    /// <summary>Short names of the metrics, in the order of <see cref="ToArray"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"];

    /// <summary>The twelve metrics in the order in which pycocotools prints them.</summary>
    public double[] ToArray() => [AP, AP50, AP75, APSmall, APMedium, APLarge, AR1, AR10, AR100, ARSmall, ARMedium, ARLarge];
}
