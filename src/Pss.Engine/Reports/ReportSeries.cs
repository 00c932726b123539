namespace Pss.Engine.Reports;

/// <summary>A named curve.</summary>
/// <param name="Name">Its name.</param>
/// <param name="X">[N] ascending x values: steps or epochs.</param>
/// <param name="Y">[N] y values; values that are not finite are omitted.</param>
internal sealed record ReportSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);
