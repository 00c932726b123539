namespace Pss.Benchmarks.Paper;

/// <summary>The last evaluation of a finished run: one line of the folder's file of results. AP and AR of at most 100 detections, from 0 to 1.</summary>
/// <param name="Key">The run, as <see cref="PaperTraining.Key"/> says it.</param>
/// <param name="Name">The detector and what the first row that needs the run changes, for readers of the file.</param>
/// <param name="Seed">The seed.</param>
/// <param name="EndToEndAp">Without NMS; null for a base detector.</param>
/// <param name="EndToEndAr">Without NMS; null for a base detector.</param>
/// <param name="OneToManyAp">With NMS.</param>
/// <param name="OneToManyAr">With NMS.</param>
/// <param name="Minutes">Duration of the process that finished it.</param>
internal sealed record PaperResult(
    string Key, string Name, int Seed, double? EndToEndAp, double? EndToEndAr, double OneToManyAp, double OneToManyAr, double Minutes)
{
    /// <summary>AP by the overlap of masks, without NMS; null for a base detector, and without masks.</summary>
    public double? EndToEndMaskAp { get; init; }

    /// <summary>AP by the overlap of masks, with NMS; null without masks.</summary>
    public double? OneToManyMaskAp { get; init; }
}
