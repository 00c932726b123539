using System.Globalization;

namespace Pss.Benchmarks.Paper;

/// <summary>Prints the tables: mean and standard deviation over seeds, and whether a row differs from its detector's default.</summary>
/// <param name="runs">The finished runs.</param>
/// <param name="all">The rows of all tables, printed or not.</param>
/// <param name="keyOf">The key of a row's run.</param>
internal sealed class PaperReport(IReadOnlyList<PaperResult> runs, IReadOnlyList<PaperRow> all, Func<PaperRow, string> keyOf)
{
    private const string Nothing = "–";

    /// <summary>Prints one table.</summary>
    /// <param name="title">What it compares.</param>
    /// <param name="rows">Its rows; those of a detector with the default first.</param>
    /// <param name="output">Where to.</param>
    public void Print(string title, IReadOnlyList<PaperRow> rows, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Table {rows[0].Table}: {title}");
        output.WriteLine();
        output.WriteLine("| detector | | paper, end to end / one to many | AP end to end | AP one to many, NMS 0.6 "
            + "| AR end to end | AR one to many | seeds | end to end against the first row |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows.OrderBy(row => row.Options.Kind == "ATSS"))
        {
            var results = ResultsOf(row);
            var usual = rows.First(other => other.Options.Kind == row.Options.Kind);
            output.WriteLine($"| {row.Detector} | {row.What} | {row.Paper} | {Spread(results, run => run.EndToEndAp)} | {Spread(results, run => run.OneToManyAp)} "
                + $"| {Spread(results, run => run.EndToEndAr)} | {Spread(results, run => run.OneToManyAr)} | {results.Length} "
                + $"| {(ReferenceEquals(row, usual) ? "" : Difference(row, usual))} |");
        }
        if (rows.Any(row => row.Options.HasMasks))
            PrintMasks(rows, output);
    }

    private void PrintMasks(IReadOnlyList<PaperRow> rows, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("| detector | | mask AP end to end | mask AP one to many, NMS 0.6 | seeds |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var results = ResultsOf(row);
            output.WriteLine($"| {row.Detector} | {row.What} | {Spread(results, run => run.EndToEndMaskAp)} | {Spread(results, run => run.OneToManyMaskAp)} | {results.Length} |");
        }
    }

    /// <summary>The difference of two rows with its 95 % interval. Each detector's runs share one standard deviation within rows, as a row has few seeds.</summary>
    internal string Difference(PaperRow row, PaperRow usual)
    {
        var (ours, others) = (Values(row), Values(usual));
        if (ours.Length == 0 || others.Length == 0)
            return Nothing;
        var difference = ours.Average() - others.Average();
        var (deviation, freedom) = Deviation(row.Options.Kind);
        if (freedom == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{difference:+0.000;-0.000}, one seed: no spread to judge it by");
        var half = Student(freedom) * deviation * Math.Sqrt(1.0 / ours.Length + 1.0 / others.Length);
        var verdict = Math.Abs(difference) <= half ? "within the spread" : difference > 0 ? "**higher**" : "**lower**";
        return string.Create(CultureInfo.InvariantCulture, $"{difference:+0.000;-0.000} ± {half:F3}, {verdict}");
    }

    /// <summary>The standard deviation of AP between seeds of a row, over all rows of a base detector, and its degrees of freedom.</summary>
    private (double Deviation, int Freedom) Deviation(string kind)
    {
        var groups = all.Where(row => row.Options.Kind == kind).DistinctBy(keyOf).Select(Values).Where(values => values.Length > 0).ToArray();
        var freedom = groups.Sum(group => group.Length - 1);
        return (Math.Sqrt(groups.Sum(group => group.Sum(value => Math.Pow(value - group.Average(), 2))) / Math.Max(1, freedom)), freedom);
    }

    /// <summary>The two-sided 95 % quantile of Student's distribution, within 1 % beyond 4 degrees of freedom.</summary>
    internal static double Student(int freedom) => freedom switch
    {
        1 => 12.706,
        2 => 4.303,
        3 => 3.182,
        4 => 2.776,
        _ => 1.96 + 2.37 / freedom + 2.8 / freedom / freedom,
    };

    private PaperResult[] ResultsOf(PaperRow row)
    {
        var key = keyOf(row);
        return [.. runs.Where(run => run.Key == key).OrderBy(run => run.Seed)];
    }

    // A base detector has the output with NMS only.
    private double[] Values(PaperRow row) => [.. ResultsOf(row).Select(run => run.EndToEndAp ?? run.OneToManyAp)];

    private static string Spread(IEnumerable<PaperResult> results, Func<PaperResult, double?> part)
    {
        var values = results.Select(part).OfType<double>().ToArray();
        if (values.Length == 0)
            return Nothing;
        var deviation = Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / Math.Max(1, values.Length - 1));
        return values.Average().ToString("F3", CultureInfo.InvariantCulture)
            + (values.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $" ± {deviation:F3}") : "");
    }
}
