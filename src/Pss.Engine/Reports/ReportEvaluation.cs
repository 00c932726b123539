using Pss.Engine.Evaluation;

namespace Pss.Engine.Reports;

/// <summary>The evaluation of one output of a detector.</summary>
/// <param name="Name">Its name, such as "end to end".</param>
/// <param name="Coco">The COCO metrics.</param>
/// <param name="Errors">The errors by kind, if analyzed.</param>
internal sealed record ReportEvaluation(string Name, CocoEvaluation Coco, ErrorAnalysis? Errors = null);
