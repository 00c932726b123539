using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class DataOperationsCatalog : IInternalCatalog
{
    private readonly IHostEnvironment _env;

    internal DataOperationsCatalog(IHostEnvironment env) => _env = env;

    IHostEnvironment IInternalCatalog.Environment => _env;

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class => new EnumerableView<TRow>(data, schemaDefinition);

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class => new EnumerableView<TRow>(data, BoundColumn.Define(typeof(TRow), schema));

    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        var binding = new OutputBinding<TRow>(data.Schema, ignoreMissingColumns, schemaDefinition);
        return Rows();

        IEnumerable<TRow> Rows()
        {
            using var cursor = data.GetRowCursor(binding.Columns);
            var fill = binding.FillerFrom(cursor);
            TRow row = null;
            while (cursor.MoveNext())
            {
                row = reuseRowObject && row is not null ? row : new TRow();
                fill(row);
                yield return row;
            }
        }
    }

    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        foreach (var name in columnsToPrefetch ?? [])
        {
            _ = input.Schema[name];
        }

        return new CachedView(input);
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SkipTakeView(input, 0, count);
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SkipTakeView(input, count, long.MaxValue);
    }

    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shufflePoolSize);
        return new ShuffledView(input, seed ?? NextSeed(), shufflePoolSize, shuffleSource);
    }

    public IDataView FilterRowsByColumn(
        IDataView input, string columnName, double lowerBound = double.NegativeInfinity, double upperBound = double.PositiveInfinity)
    {
        var column = input.Schema[columnName];
        if (!column.Type.Equals(NumberDataViewType.Single) && !column.Type.Equals(NumberDataViewType.Double))
        {
            throw new ArgumentException($"Column '{columnName}' is {column.Type}: rows can be filtered by Single and Double only", nameof(columnName));
        }

        return new FilteredView(input, [column], row =>
        {
            var read = row.Boxed(column);
            return () => Convert.ToDouble(read()) is var value && value >= lowerBound && value < upperBound;
        });
    }

    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(testFraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(testFraction, 1);
        var drawn = seed ?? NextSeed();
        DataViewSchema.Column[] tested = samplingKeyColumnName is null ? [] : [data.Schema[samplingKeyColumnName]];
        return new TrainTestData(Part(test: false), Part(test: true));

        FilteredView Part(bool test) => new(data, tested, row =>
        {
            // Rows of one sampling key draw the same number, other rows one each in order.
            var rand = new Random(drawn);
            var key = tested.Length == 0 ? null : row.Boxed(tested[0]);
            return () => (key is null ? rand : new Random(drawn ^ StableHash(key().ToString()))).NextDouble() < testFraction == test;
        });
    }

    private static int StableHash(string text) => text.Aggregate(unchecked((int)2166136261), (hash, c) => unchecked((hash ^ c) * 16777619));

    private int NextSeed() => _env.Register(nameof(DataOperationsCatalog)).Rand.Next();

    public struct TrainTestData
    {
        public readonly IDataView TrainSet;

        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
