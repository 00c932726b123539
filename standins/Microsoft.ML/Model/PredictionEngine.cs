using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    private readonly InputRow<TSrc> _input;
    private readonly Action<TDst> _fill;

    internal PredictionEngine(ITransformer transformer, PredictionEngineOptions options)
        : this(Open(transformer, options.InputSchemaDefinition), transformer, options)
    {
    }

    private PredictionEngine((InputRow<TSrc> Input, IRowToRowMapper Mapper) opened, ITransformer transformer, PredictionEngineOptions options)
        : base(opened.Mapper.OutputSchema, options.OwnsTransformer ? transformer as IDisposable : null)
    {
        _input = opened.Input;
        var binding = new OutputBinding<TDst>(OutputSchema, options.IgnoreMissingColumns, options.OutputSchemaDefinition);
        // Every column is active, whether TDst has it or not, and the mapped row is never disposed of: as in the real package.
        _fill = binding.FillerFrom(opened.Mapper.GetRow(_input, OutputSchema));
    }

    public override void Predict(TSrc example, ref TDst prediction)
    {
        _input.Next(example);
        prediction ??= new TDst();
        _fill(prediction);
    }

    private static (InputRow<TSrc> Input, IRowToRowMapper Mapper) Open(ITransformer transformer, SchemaDefinition definition)
    {
        if (!transformer.IsRowToRowMapper)
        {
            throw new ArgumentException("Must be a row to row mapper", nameof(transformer));
        }

        var columns = BoundColumn.Of(typeof(TSrc), definition, SchemaDefinition.Direction.Read);
        var input = new InputRow<TSrc>(BoundColumn.SchemaOf(columns), columns, _ => true);
        return (input, transformer.GetRowToRowMapper(input.Schema));
    }
}
