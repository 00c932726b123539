using Pss.Engine.Detectors;

namespace Pss.Benchmarks.Paper;

/// <summary>A row of one of the paper's tables.</summary>
/// <param name="Table">The table's number.</param>
/// <param name="Detector">The detector's name, "_PSS" behind it with the selector.</param>
/// <param name="What">What the row changes.</param>
/// <param name="Paper">The paper's mAP end to end / one to many on COCO, in percent.</param>
/// <param name="Options">The detector.</param>
/// <param name="TwoSteps">Whether the base detector is trained first, and the selector alone afterwards.</param>
internal sealed record PaperRow(int Table, string Detector, string What, string Paper, DetectorOptions Options, bool TwoSteps = false);
