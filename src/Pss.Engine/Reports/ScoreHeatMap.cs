namespace Pss.Engine.Reports;

/// <summary>The scores of all locations of a picture, by pyramid level.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Levels">The levels, finest first.</param>
internal sealed record ScoreHeatMap(ReportPicture Picture, IReadOnlyList<HeatMapLevel> Levels);
