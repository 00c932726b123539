using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>A picture with its objects beside what was detected.</summary>
internal sealed record DetectionPicture
{
    /// <summary>The picture.</summary>
    public required ReportPicture Picture { get; init; }

    /// <summary>The annotated objects.</summary>
    public required IReadOnlyList<ObjectAnnotation> Objects { get; init; }

    /// <summary>What each way of running the detector found: one column each.</summary>
    public required IReadOnlyList<PictureDetections> Outputs { get; init; }
}
