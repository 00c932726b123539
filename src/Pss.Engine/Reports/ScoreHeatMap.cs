using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.Engine.Reports;

/// <summary>The scores of all locations of a picture, by pyramid level.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Levels">The levels, finest first.</param>
internal sealed record ScoreHeatMap(ReportPicture Picture, IReadOnlyList<HeatMapLevel> Levels)
{
    /// <summary>Scores without and with the positive sample selector, of one detector or of two with inputs of the same size.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="geometry">How it was scaled to the network's input.</param>
    /// <param name="plain">The detector whose one-to-many scores are taken.</param>
    /// <param name="withPss">The detector whose end-to-end scores are taken.</param>
    public static ScoreHeatMap Of(ReportPicture picture, ResizeGeometry geometry, IReadOnlyList<LevelScores> plain, IReadOnlyList<LevelScores> withPss) =>
        new(picture, [.. plain.Zip(withPss).Select((level, i) => new HeatMapLevel
        {
            Name = $"P{i + 3}",
            Rows = level.First.Rows,
            Columns = level.First.Columns,
            CellWidth = level.First.Stride / geometry.ScaleX,
            CellHeight = level.First.Stride / geometry.ScaleY,
            Plain = level.First.OneToMany,
            WithPss = level.Second.EndToEnd,
        })]);
}
