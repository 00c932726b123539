using Pss.Benchmarks.Paper;

namespace Pss.Benchmarks.Tests.Paper;

public sealed class PaperReportTests
{
    private static readonly PaperRow[] Rows = [.. PaperTables.Rows(2, PaperNetwork.Default).Where(row => row.Options.Kind == "FCOS")];

    [Theory]
    // Two rows of variance 0.0002 have a deviation of 0.01414 with 2 degrees of freedom: 4.303 * 0.01414 * sqrt(1/2 + 1/2) is 0.061.
    [InlineData(0.40, "+0.100 ± 0.061, **higher**")]
    [InlineData(0.20, "-0.100 ± 0.061, **lower**")]
    [InlineData(0.35, "+0.050 ± 0.061, within the spread")]
    public void A_difference_counts_where_it_exceeds_its_interval(double other, string expected)
    {
        var report = Report([Run(Rows[0], 0, 0.30), Run(Rows[0], 1, 0.32), Run(Rows[1], 0, other), Run(Rows[1], 1, other + 0.02)]);
        Assert.Equal(expected, report.Difference(Rows[1], Rows[0]));
    }

    [Fact]
    public void A_row_of_one_seed_is_judged_by_the_spread_of_the_others()
    {
        // One degree of freedom: 12.706 * 0.01414 * sqrt(1/2 + 1) is 0.220.
        var report = Report([Run(Rows[0], 0, 0.30), Run(Rows[0], 1, 0.32), Run(Rows[1], 0, 0.61)]);
        Assert.Equal("+0.300 ± 0.220, **higher**", report.Difference(Rows[1], Rows[0]));
        report = Report([Run(Rows[0], 0, 0.30), Run(Rows[1], 0, 0.61)]);
        Assert.Equal("+0.310, one seed: no spread to judge it by", report.Difference(Rows[1], Rows[0]));
    }

    [Fact]
    public void A_table_has_every_row_with_its_seeds_and_dashes_for_what_has_not_run()
    {
        using var output = new StringWriter { NewLine = "\n" };
        Report([Run(Rows[0], 0, 0.30), Run(Rows[0], 1, 0.32)]).Print("stop-gradient", Rows, output);
        var lines = output.ToString().Split('\n');
        Assert.Contains("Table 2: stop-gradient", lines);
        Assert.Contains("| FCOS_PSS | Features | 42.3 / 42.2 | 0.310 ± 0.014 | 0.310 ± 0.014 | 0.310 ± 0.014 | 0.310 ± 0.014 | 2 |  |", lines);
        Assert.Contains("| FCOS_PSS | None | 41.5 / 41.2 | – | – | – | – | 0 | – |", lines);
    }

    [Theory]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(30, 2.042)]
    public void Students_quantile_is_near_the_tables(int freedom, double expected) =>
        Assert.InRange(PaperReport.Student(freedom), 0.99 * expected, 1.01 * expected);

    private static PaperReport Report(PaperResult[] runs) => new(runs, Rows, row => row.What);

    private static PaperResult Run(PaperRow row, int seed, double ap) => new(row.What, "", seed, ap, ap, ap, ap, 1);
}
