using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>What a report shows. Everything but the title is optional: a section without data is left out.</summary>
internal sealed record ReportData
{
    /// <summary>The heading.</summary>
    public required string Title { get; init; }

    /// <summary>A line below the heading, such as the data set, the device and the date.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The classes by label; needed for pictures and errors.</summary>
    public IReadOnlyList<Category> Categories { get; init; } = [];

    /// <summary>The run's options, in the order to be shown.</summary>
    public IReadOnlyList<ReportSetting> Settings { get; init; } = [];

    /// <summary>Each loss by optimizer step.</summary>
    public IReadOnlyList<ReportSeries> Losses { get; init; } = [];

    /// <summary>The learning rate by optimizer step.</summary>
    public ReportSeries? LearningRate { get; init; }

    /// <summary>AP from 0 to 1 by epoch, usually end to end and one to many (the paper's Figure 3).</summary>
    public IReadOnlyList<ReportSeries> ApByEpoch { get; init; } = [];

    /// <summary>Evaluations to set side by side, the most important first, usually end to end and one to many with NMS.</summary>
    public IReadOnlyList<ReportEvaluation> Evaluations { get; init; } = [];

    /// <summary>Score heat maps (the paper's Figure 2).</summary>
    public IReadOnlyList<ScoreHeatMap> HeatMaps { get; init; } = [];

    /// <summary>Detections beside ground truth (the paper's Figure 5).</summary>
    public IReadOnlyList<DetectionPicture> Pictures { get; init; } = [];
}
