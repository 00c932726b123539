namespace Microsoft.ML;

public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly IDisposable _owned;

    private protected PredictionEngineBase(DataViewSchema outputSchema, IDisposable owned)
    {
        OutputSchema = outputSchema;
        _owned = owned;
    }

    public DataViewSchema OutputSchema { get; }

    public TDst Predict(TSrc example)
    {
        var prediction = new TDst();
        Predict(example, ref prediction);
        return prediction;
    }

    public abstract void Predict(TSrc example, ref TDst prediction);

    public void Dispose() => _owned?.Dispose();
}
