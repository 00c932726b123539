namespace Microsoft.ML.Data;

/// <summary>
/// What a transformer makes of the rows of one schema: the columns it adds; which input columns (by index) the outputs asked for (by number) need;
/// the getters over a row, null where not asked for, and what to run when that row is disposed of.
/// </summary>
internal sealed record RowMapping(
    IReadOnlyList<DataViewSchema.DetachedColumn> Outputs,
    Func<Func<int, bool>, IEnumerable<int>> Inputs,
    Func<DataViewRow, Func<int, bool>, (Delegate[] Getters, Action Disposer)> CreateGetters);
