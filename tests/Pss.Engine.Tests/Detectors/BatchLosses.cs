using Pss.Engine.Assignment;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

/// <summary>The loss terms of a batch by their names, and the counts they are divided by.</summary>
internal sealed record BatchLosses(LossTerms Terms, LossNormalizers Counts)
{
    public Tensor Classification => Terms["classification"];

    public Tensor Box => Terms["box"];

    public Tensor Centerness => Terms["centerness"];

    public Tensor? Selector => Find("selector");

    public Tensor? Ranking => Find("ranking");

    public Tensor Total => Terms.Total;

    public Tensor Positives => Counts.Positives;

    public Tensor Matched => Counts.MatchedObjects;

    /// <summary>Those of a network.</summary>
    public static BatchLosses Of(DenseDetector detector, HeadOutputs outputs, BatchTargets targets) =>
        new(detector.Losses(outputs, targets), detector.Normalizers(targets, 8 * outputs.Levels[0].Height, 8 * outputs.Levels[0].Width));

    /// <summary>Those of outputs that no network made.</summary>
    public static BatchLosses Of(DetectorOptions options, HeadOutputs outputs, BatchTargets targets)
    {
        using var detector = SmallDetectors.Small(options).Build();
        return Of(detector, outputs, targets);
    }

    private Tensor? Find(string name) => Terms.Names.Contains(name) ? Terms[name] : null;
}
