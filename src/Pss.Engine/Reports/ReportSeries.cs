namespace Pss.Engine.Reports;

/// <summary>A named curve.</summary>
/// <param name="Name">Its name.</param>
/// <param name="X">[N] ascending places: steps or epochs.</param>
/// <param name="Y">[N] values; one that is no finite number is left out.</param>
internal sealed record ReportSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);
