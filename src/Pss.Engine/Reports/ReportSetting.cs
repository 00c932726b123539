namespace Pss.Engine.Reports;

/// <summary>One option of a run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value as text.</param>
internal sealed record ReportSetting(string Name, string Value);
