using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>The content of a report. Everything except the title is optional: a section without data is omitted.</summary>
internal sealed record ReportData
{
    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>Model, data, date and duration, below the heading.</summary>
    public IReadOnlyList<ReportSetting> Facts { get; init; } = [];

    /// <summary>The classes by label; needed for pictures and errors.</summary>
    public IReadOnlyList<Category> Categories { get; init; } = [];

    /// <summary>The options of the run, in order.</summary>
    public IReadOnlyList<ReportSetting> Settings { get; init; } = [];

    /// <summary>Each loss by optimizer step.</summary>
    public IReadOnlyList<ReportSeries> Losses { get; init; } = [];

    /// <summary>The learning rate by optimizer step.</summary>
    public ReportSeries? LearningRate { get; init; }

    /// <summary>AP from 0 to 1 by epoch, usually of the end-to-end and the one-to-many output (the paper's Figure 3).</summary>
    public IReadOnlyList<ReportSeries> ApByEpoch { get; init; } = [];

    /// <summary>AR of at most 100 detections per image from 0 to 1 by epoch, of the same outputs (the paper's Figure 4).</summary>
    public IReadOnlyList<ReportSeries> ArByEpoch { get; init; } = [];

    /// <summary>Evaluations to compare, the most important first, usually end to end and one to many with NMS.</summary>
    public IReadOnlyList<ReportEvaluation> Evaluations { get; init; } = [];

    /// <summary>Score heat maps (the paper's Figure 2).</summary>
    public IReadOnlyList<ScoreHeatMap> HeatMaps { get; init; } = [];

    /// <summary>Number of evaluated images, of which <see cref="Pictures"/> are some.</summary>
    public int Images { get; init; }

    /// <summary>Detections beside ground truth (the paper's Figure 5).</summary>
    public IReadOnlyList<DetectionPicture> Pictures { get; init; } = [];
}
