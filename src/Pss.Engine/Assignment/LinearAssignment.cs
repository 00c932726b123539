
namespace Pss.Engine.Assignment;

/// <summary>
/// The assignment problem, exactly: shortest augmenting paths with dual prices (Jonker and Volgenant 1987), O(rows^2 columns).
/// The same input gives the same output; of equal choices the lower index.
/// </summary>
internal static class LinearAssignment
{
    /// <summary>
    /// The column of each row in the assignment of the greatest total; -1 for rows left over when there are more rows than columns.
    /// </summary>
    /// <param name="values">Finite values, row by row.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    public static int[] Maximize(ReadOnlySpan<double> values, int rows, int columns)
    {
        if (rows <= columns)
            return Solve(values, rows, columns, rowStep: columns, columnStep: 1);

        int[] rowOf = Solve(values, columns, rows, rowStep: 1, columnStep: columns);
        var result = new int[rows];
        Array.Fill(result, -1);
        for (int column = 0; column < columns; column++)
            result[rowOf[column]] = column;
        return result;
    }

    // The steps let a tall matrix be read as its transpose.
    private static int[] Solve(ReadOnlySpan<double> values, int rows, int columns, int rowStep, int columnStep)
    {
        var rowPrice = new double[rows];
        var columnPrice = new double[columns];
        var rowOf = new int[columns];
        Array.Fill(rowOf, -1);
        var distance = new double[columns];
        var previous = new int[columns];
        var done = new bool[columns];

        for (int start = 0; start < rows; start++)
        {
            Array.Fill(distance, double.PositiveInfinity);
            Array.Fill(previous, -1);
            Array.Clear(done);
            int row = start, column = -1, free = -1;
            double reached = 0;
            while (free < 0)
            {
                double nearest = double.PositiveInfinity;
                int next = -1;
                for (int j = 0; j < columns; j++)
                {
                    if (done[j])
                        continue;
                    double length = reached - values[row * rowStep + j * columnStep] - rowPrice[row] - columnPrice[j];
                    if (length < distance[j])
                        (distance[j], previous[j]) = (length, column);
                    if (distance[j] < nearest)
                        (nearest, next) = (distance[j], j);
                }

                (reached, column, done[next]) = (nearest, next, true);
                if (rowOf[next] < 0)
                    free = next;
                else
                    row = rowOf[next];
            }

            rowPrice[start] += reached;
            for (int j = 0; j < columns; j++)
            {
                if (!done[j] || j == free)
                    continue;
                double change = reached - distance[j];
                rowPrice[rowOf[j]] += change;
                columnPrice[j] -= change;
            }

            for (int j = free; j >= 0; j = previous[j])
                rowOf[j] = previous[j] < 0 ? start : rowOf[previous[j]];
        }

        var result = new int[rows];
        for (int j = 0; j < columns; j++)
        {
            if (rowOf[j] >= 0)
                result[rowOf[j]] = j;
        }

        return result;
    }
}
