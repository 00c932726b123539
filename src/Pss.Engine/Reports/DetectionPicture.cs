using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>A picture with its ground truth and detections.</summary>
internal sealed record DetectionPicture
{
    /// <summary>The picture.</summary>
    public required ReportPicture Picture { get; init; }

    /// <summary>The annotated objects.</summary>
    public required IReadOnlyList<ObjectAnnotation> Objects { get; init; }

    /// <summary>The detections of each output of the detector, one column each.</summary>
    public required IReadOnlyList<PictureDetections> Outputs { get; init; }
}
