using Microsoft.ML;
using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

/// <summary>A row-to-row transformer written by hand on public contracts alone: adds one column.</summary>
internal abstract class HandMadeMapper(string outputColumn, DataViewType outputType, string[] inputColumns) : ITransformer
{
    /// <summary>Each row that was mapped, as long as nobody disposed of it.</summary>
    public HashSet<DataViewRow> Open { get; } = [];

    public bool IsRowToRowMapper => true;

    public IEstimator<ITransformer> Estimator => new FixedEstimator(this, outputColumn, outputType);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => GetRowToRowMapper(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input) => new View(this, input, GetRowToRowMapper(input.Schema));

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn(outputColumn, outputType);
        return new Mapper(this, inputSchema, builder.ToSchema(), inputColumns);
    }

    public virtual void Save(ModelSaveContext ctx) => throw new NotSupportedException();

    protected abstract Delegate MakeGetter(DataViewRow input);

    private sealed class Mapper : IRowToRowMapper
    {
        private readonly HandMadeMapper _parent;
        private readonly string[] _inputColumns;

        public Mapper(HandMadeMapper parent, DataViewSchema input, DataViewSchema output, string[] inputColumns) =>
            (_parent, InputSchema, OutputSchema, _inputColumns) = (parent, input, output, inputColumns);

        public DataViewSchema InputSchema { get; }

        public DataViewSchema OutputSchema { get; }

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        {
            var indices = dependingColumns.Select(c => c.Index).ToHashSet();
            var needed = indices.Contains(InputSchema.Count) ? _inputColumns : [];
            return InputSchema.Where(c => indices.Contains(c.Index) || (needed.Contains(c.Name) && !c.IsHidden));
        }

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
            new Row(_parent, input, OutputSchema, activeColumns.Select(c => c.Index).ToHashSet());
    }

    private sealed class Row : DataViewRow
    {
        private readonly HandMadeMapper _parent;
        private readonly DataViewRow _input;
        private readonly HashSet<int> _active;
        private readonly Delegate? _getter;

        public Row(HandMadeMapper parent, DataViewRow input, DataViewSchema schema, HashSet<int> active)
        {
            (_parent, _input, Schema, _active) = (parent, input, schema, active);
            _getter = active.Contains(input.Schema.Count) ? parent.MakeGetter(input) : null;
            parent.Open.Add(this);
        }

        public override DataViewSchema Schema { get; }

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Index < _input.Schema.Count
            ? _input.GetGetter<TValue>(_input.Schema[column.Index])
            : (ValueGetter<TValue>)_getter!;

        protected override void Dispose(bool disposing)
        {
            _parent.Open.Remove(this);
            _input.Dispose();
        }
    }

    private sealed class View(HandMadeMapper parent, IDataView input, IRowToRowMapper mapper) : IDataView
    {
        public bool CanShuffle => input.CanShuffle;

        public DataViewSchema Schema => mapper.OutputSchema;

        public long? GetRowCount() => input.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            DataViewSchema.Column[] needed = [.. columnsNeeded];
            var cursor = input.GetRowCursor(mapper.GetDependencies(needed), rand);
            return parent.MakeCursor(cursor, mapper.GetRow(cursor, needed));
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    protected virtual DataViewRowCursor MakeCursor(DataViewRowCursor input, DataViewRow mapped) => new PlainCursor(input, mapped);

    private sealed class PlainCursor(DataViewRowCursor input, DataViewRow mapped) : DataViewRowCursor
    {
        public override DataViewSchema Schema => mapped.Schema;

        public override long Position => mapped.Position;

        public override long Batch => mapped.Batch;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => mapped.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => mapped.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapped.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing) => mapped.Dispose();
    }

    private sealed class FixedEstimator(HandMadeMapper transformer, string outputColumn, DataViewType outputType) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }

        /// <summary>The public way to the shape of a column: a chain shows it to a probe.</summary>
        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn(outputColumn, outputType);
            return new SchemaShape(inputSchema.Where(c => c.Name != outputColumn).Concat(ShapeProbe.Of(builder.ToSchema())));
        }
    }
}
