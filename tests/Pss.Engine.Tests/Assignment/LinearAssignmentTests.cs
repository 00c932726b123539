using CsCheck;
using Pss.Engine.Assignment;

namespace Pss.Engine.Tests.Assignment;

public sealed class LinearAssignmentTests
{
    /// <summary>Small matrices: of few distinct values, so that many assignments tie, and of any.</summary>
    private static readonly Gen<(int Rows, int Columns, double[] Values)> Matrices =
        from rows in Gen.Int[1, 6]
        from columns in Gen.Int[1, 6]
        from values in Gen.OneOf(Gen.Int[-3, 3].Select(value => value / 2.0), Gen.Double[-1e6, 1e6]).Array[rows * columns]
        select (rows, columns, values);

    [Fact]
    public void It_equals_all_permutations_tried() => Matrices.Sample((rows, columns, values) =>
    {
        var solution = LinearAssignment.Maximize(values, rows, columns);
        var assigned = solution.Where(column => column >= 0).ToArray();
        Assert.Equal(Math.Min(rows, columns), assigned.Length);
        Assert.Equal(assigned.Length, assigned.Distinct().Count());
        var total = solution.Select((column, row) => column < 0 ? 0 : values[row * columns + column]).Sum();
        Assert.Equal(Best(0, 0, Math.Max(0, rows - columns)), total, 1e-6);

        double Best(int row, int taken, int skips)
        {
            if (row == rows)
                return 0;
            var best = skips > 0 ? Best(row + 1, taken, skips - 1) : double.NegativeInfinity;
            for (var column = 0; column < columns; column++)
                if ((taken >> column & 1) == 0)
                    best = Math.Max(best, values[row * columns + column] + Best(row + 1, taken | 1 << column, skips));
            return best;
        }
    }, iter: 500, threads: 1);

    [Fact]
    public void Of_equal_choices_the_lower_index_is_taken()
    {
        Assert.Equal([0], LinearAssignment.Maximize([1, 1, 1], 1, 3));
        Assert.Equal([0, 1], LinearAssignment.Maximize([1, 1, 1, 1, 1, 1], 2, 3));
    }
}
