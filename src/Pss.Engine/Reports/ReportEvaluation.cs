using Pss.Engine.Evaluation;

namespace Pss.Engine.Reports;

/// <summary>One way of running a detector, evaluated.</summary>
/// <param name="Name">Its name, such as "end to end".</param>
/// <param name="Coco">Its numbers.</param>
/// <param name="Errors">Its errors by kind, if analyzed.</param>
internal sealed record ReportEvaluation(string Name, CocoEvaluation Coco, ErrorAnalysis? Errors = null);
