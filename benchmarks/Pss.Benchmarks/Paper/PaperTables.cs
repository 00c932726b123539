using System.Globalization;
using Pss.Engine.Assignment;
using Pss.Engine.Detectors;
using Pss.Engine.Losses;

namespace Pss.Benchmarks.Paper;

/// <summary>The rows of the paper's Tables 1 to 9, for FCOS and for ATSS, and as number 10 its instance segmentation. The first row of Tables 2 to 9 is the
/// default.</summary>
internal static class PaperTables
{
    /// <summary>The first and last table.</summary>
    public static readonly (int First, int Last) Numbers = (1, 10);

    private const string NotGiven = "not given";
    private static readonly string[] FcosByDepth = ["41.6 / 41.9", "42.3 / 42.2", "41.9 / 41.7"];
    private static readonly string[] AtssByDepth = ["42.1 / 42.0", "42.6 / 42.3", "42.3 / 41.7"];

    /// <summary>What a table compares.</summary>
    public static string Title(int table) => table switch
    {
        1 => "base detectors with NMS and with the positive sample selector",
        2 => "stop-gradient",
        3 => "training in one step or in two",
        4 => "the tower that the selector stands on",
        5 => "convolutions of the selector, with the paper's number for either way to count its layers",
        6 => "center-ness",
        7 => "weight of the selector's loss, lambda 1",
        8 => "matching quality",
        9 => "ranking loss",
        10 => "instance segmentation: CondInst with NMS and with the positive sample selector",
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "The tables are 1 to 10."),
    };

    /// <summary>What gives all other rows their backbone and pyramid: in no table.</summary>
    public static PaperRow Pretraining(PaperNetwork network) => new(0, "FCOS", "pretraining", NotGiven, network.Pretraining);

    /// <summary>The rows of all tables.</summary>
    public static IEnumerable<PaperRow> All(PaperNetwork network) =>
        Enumerable.Range(Numbers.First, Numbers.Last).SelectMany(table => Rows(table, network));

    /// <summary>The rows of a table.</summary>
    /// <param name="table">1 to 10.</param>
    /// <param name="network">The size of the networks.</param>
    public static IEnumerable<PaperRow> Rows(int table, PaperNetwork network)
    {
        DetectorOptions fcos = network.Apply(DetectorOptions.FcosPss(1)), atss = network.Apply(DetectorOptions.AtssPss(1));
        if (table == 1)
            return [new(1, "FCOS", "NMS", "42.0", fcos with { Selector = null }), .. Both("no NMS", "42.3 / 42.2", "42.6 / 42.3").Take(1),
                new(1, "ATSS", "NMS", "42.8", atss with { Selector = null }), .. Both("no NMS", "42.3 / 42.2", "42.6 / 42.3").Skip(1)];
        if (table == 10)
            return [new(10, "CondInst", "NMS", "42.1, masks 37.0", network.Apply(DetectorOptions.CondInst(1))),
                new(10, "CondInst_PSS", "no NMS", "42.4, masks 36.8", network.Apply(DetectorOptions.CondInstPss(1)))];
        var usual = table == 5 ? Both(Usual(table), ByDepth(FcosByDepth, 2), ByDepth(AtssByDepth, 2)) : Both(Usual(table), "42.3 / 42.2", "42.6 / 42.3");
        return usual.Concat(Changes(table));

        IEnumerable<PaperRow> Changes(int number) => number switch
        {
            2 => [.. Selector("None", "41.5 / 41.2", "41.6 / 41.2", selector => selector with { StopGradient = StopGradient.None }),
                .. Selector("Full", NotGiven, NotGiven, selector => selector with { StopGradient = StopGradient.Full })],
            3 => Both("two steps", NotGiven, "42.3", twoSteps: true),
            4 => Selector("classification", "41.5", "41.8", selector => selector with { Input = SelectorInput.Classification }),
            5 => [.. Depth(0), .. Depth(1), .. Depth(3)],
            6 => Both("without", "41.7", "42.1", options => options with { Head = options.Head with { Centerness = false } }),
            7 => [.. Weight(0.5, "41.7 / 41.9"), .. Weight(2, "41.7 / 41.5")],
            8 => [.. new[] { (0.2, "41.6"), (0.4, "41.8"), (0.6, "41.8") }.SelectMany(row => Quality(MatchQuality.Multiply, row.Item1, row.Item2)),
                .. new[] { (0.2, "41.6"), (0.4, "41.7"), (0.6, "41.7"), (0.8, "41.3") }.SelectMany(row => Quality(MatchQuality.Add, row.Item1, row.Item2))],
            9 => Both("without", "42.0", "42.4", options => options with { Losses = options.Losses with { RankingWeight = 0 } }),
            _ => [],
        };

        IEnumerable<PaperRow> Depth(int hidden) =>
            Selector(Convolutions(hidden), ByDepth(FcosByDepth, hidden), ByDepth(AtssByDepth, hidden), selector => selector with { HiddenConvolutions = hidden });

        IEnumerable<PaperRow> Weight(double weight, string ofFcos) =>
            Both(Number(weight), ofFcos, NotGiven, options => options with { Losses = options.Losses with { SelectorWeight = weight } });

        IEnumerable<PaperRow> Quality(MatchQuality quality, double alpha, string ofFcos) => Both(
            $"{quality}, alpha {Number(alpha)}", ofFcos, NotGiven,
            options => options with { Matching = options.Matching with { Quality = quality, Alpha = alpha } });

        IEnumerable<PaperRow> Selector(string what, string ofFcos, string ofAtss, Func<SelectorOptions, SelectorOptions> change) =>
            Both(what, ofFcos, ofAtss, options => options with { Selector = change(options.Selector!) });

        IEnumerable<PaperRow> Both(
            string what, string ofFcos, string ofAtss, Func<DetectorOptions, DetectorOptions>? change = null, bool twoSteps = false) =>
        [
            new(table, "FCOS_PSS", what, ofFcos, change?.Invoke(fcos) ?? fcos, twoSteps),
            new(table, "ATSS_PSS", what, ofAtss, change?.Invoke(atss) ?? atss, twoSteps),
        ];
    }

    private static string Usual(int table) => table switch
    {
        2 => "Features",
        3 => "one step",
        4 => "regression",
        5 => Convolutions(2),
        6 => "with",
        7 => "1",
        8 => "Multiply, alpha 0.8",
        _ => "with",
    };

    private static string Convolutions(int hidden) => $"{hidden} hidden and the predictor";

    /// <summary>The paper counts 1 to 3 layers and does not say whether the predictor is one of them: what it has for a row by either count.</summary>
    private static string ByDepth(IReadOnlyList<string> byLayers, int hidden) => string.Join(" or ",
        hidden is >= 1 and <= 3 ? $"{byLayers[hidden - 1]} ({hidden}, hidden only)" : NotGiven,
        hidden is >= 0 and <= 2 ? $"{byLayers[hidden]} ({hidden + 1}, with predictor)" : NotGiven);

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
