using Pss.Benchmarks.Paper;

namespace Pss.Benchmarks.Tests.Paper;

public sealed class PaperTablesTests
{
    private static readonly PaperRow[] All = [.. PaperTables.All(PaperNetwork.Default)];
    private static readonly PaperTraining Training = new(PaperNetwork.Default, new());

    [Fact]
    public void Every_table_starts_with_the_default_of_both_detectors_which_is_one_run()
    {
        foreach (var kind in (string[])["FCOS", "ATSS"])
        {
            var rows = All.Where(row => row.Options.Kind == kind && row.Table > 1).ToArray();
            Assert.Equal(Enumerable.Range(2, 8), rows.Select(row => row.Table).Distinct());
            Assert.Single(rows.GroupBy(row => row.Table).Select(table => Training.Key(table.First())).Distinct());
            // No other row repeats it, and no two rows are the same.
            var others = rows.GroupBy(row => row.Table).SelectMany(table => table.Skip(1)).Select(Training.Key).ToArray();
            Assert.Equal(others.Length, others.Distinct().Count());
            Assert.DoesNotContain(Training.Key(rows[0]), others);
        }
    }

    [Fact]
    public void Every_row_is_a_valid_detector_and_a_seed_does_not_change_its_key()
    {
        foreach (var row in All)
            row.Options.Validate();
        Assert.Equal(Training.Key(All[0]), new PaperTraining(PaperNetwork.Default, new() { Seeds = 7, Seed = 3 }).Key(All[0]));
        Assert.NotEqual(Training.Key(All[0]), new PaperTraining(PaperNetwork.Default, new() { Steps = 5_000 }).Key(All[0]));
    }
}
