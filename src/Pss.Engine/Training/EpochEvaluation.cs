
namespace Pss.Engine.Training;

/// <summary>The COCO numbers of one evaluation between epochs, from 0 to 1.</summary>
/// <param name="EndToEndAp">AP of the output without NMS; null for a detector that needs NMS.</param>
/// <param name="EndToEndAp50">AP at IoU 0.5 of the output without NMS; null as above.</param>
/// <param name="OneToManyAp">AP of the one-to-many output with NMS.</param>
/// <param name="OneToManyAp50">AP at IoU 0.5 of the one-to-many output with NMS.</param>
public sealed record EpochEvaluation(double? EndToEndAp, double? EndToEndAp50, double OneToManyAp, double OneToManyAp50)
{
    /// <summary>AR of at most 100 detections per image, without NMS; null as above, and in logs of older versions.</summary>
    public double? EndToEndAr { get; init; }

    /// <summary>AR of at most 100 detections per image of the one-to-many output with NMS; null in logs of older versions.</summary>
    public double? OneToManyAr { get; init; }

    /// <summary>AP by the overlap of masks, without NMS; null as above, and without masks.</summary>
    public double? EndToEndMaskAp { get; init; }

    /// <summary>AP by the overlap of masks of the one-to-many output with NMS; null without masks.</summary>
    public double? OneToManyMaskAp { get; init; }

    /// <summary>The epoch with the highest AP so far, from 0: AP without NMS, or with it for a detector that needs it. Null where no epoch has an AP, and in logs
    /// of older versions.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Whether the training ends here because <see cref="TrainingOptions.Patience"/> evaluations in a row brought no higher AP.</summary>
    public bool StopsEarly { get; init; }
}
