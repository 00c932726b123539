using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    private readonly (IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter)[] _steps;

    public readonly IEstimator<TLastTransformer> LastEstimator;

    public EstimatorChain()
        : this([])
    {
    }

    internal EstimatorChain((IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter)[] steps)
    {
        _steps = steps;
        LastEstimator = steps.Length == 0 ? null : (IEstimator<TLastTransformer>)steps[^1].Estimator;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        // Every estimator sees the shape of what will come to it before the first one is fitted.
        GetOutputSchema(SchemaShape.Create(input.Schema));
        var transformers = new ITransformer[_steps.Length];
        for (var i = 0; i < _steps.Length; i++)
        {
            transformers[i] = _steps[i].Estimator.Fit(input);
            input = transformers[i].Transform(input);
            if (_steps[i].CacheAfter && i < _steps.Length - 1)
            {
                input = new CachedView(input);
            }
        }

        return new(transformers, _steps.Select(s => s.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        _steps.Aggregate(inputSchema, (shape, step) => step.Estimator.GetOutputSchema(shape));

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        ArgumentNullException.ThrowIfNull(estimator);
        return new([.. _steps, (estimator, scope, false)]);
    }

    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(IHostEnvironment env)
    {
        ArgumentNullException.ThrowIfNull(env);
        return _steps.Length == 0 ? this : new([.. _steps[..^1], _steps[^1] with { CacheAfter = true }]);
    }
}
