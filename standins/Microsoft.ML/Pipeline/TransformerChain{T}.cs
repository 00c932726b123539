using System.Collections;

namespace Microsoft.ML.Data;

public sealed class TransformerChain<TLastTransformer> : ITransformer, IEnumerable<ITransformer>, IDisposable
    where TLastTransformer : class, ITransformer
{
    private readonly ITransformer[] _transformers;
    private readonly TransformerScope[] _scopes;
    private bool _disposed;

    public readonly TLastTransformer LastTransformer;

    public TransformerChain(params ITransformer[] transformers)
        : this(transformers, transformers.Select(_ => TransformerScope.Everything))
    {
    }

    public TransformerChain(IEnumerable<ITransformer> transformers, IEnumerable<TransformerScope> scopes)
    {
        _transformers = [.. transformers];
        _scopes = [.. scopes];
        if (_transformers.Length != _scopes.Length)
        {
            throw new ArgumentException($"{_transformers.Length} transformers, but {_scopes.Length} scopes", nameof(scopes));
        }

        LastTransformer = _transformers.Length == 0 ? null
            : _transformers[^1] as TLastTransformer ?? throw new ArgumentException($"The last transformer is no {typeof(TLastTransformer)}", nameof(transformers));
    }

    bool ITransformer.IsRowToRowMapper => _transformers.All(t => t.IsRowToRowMapper);

    public TransformerChain<TNewLast> Append<TNewLast>(TNewLast transformer, TransformerScope scope = TransformerScope.Everything)
        where TNewLast : class, ITransformer => new([.. _transformers, transformer], [.. _scopes, scope]);

    public TransformerChain<ITransformer> GetModelFor(TransformerScope scopeFilter)
    {
        int[] kept = [.. Enumerable.Range(0, _scopes.Length).Where(i => (_scopes[i] & scopeFilter) != 0)];
        return new(kept.Select(i => _transformers[i]), kept.Select(i => _scopes[i]));
    }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        _transformers.Aggregate(inputSchema, (schema, transformer) => transformer.GetOutputSchema(schema));

    public IDataView Transform(IDataView input)
    {
        // The schemas are checked along the whole chain before the first transformer is asked to work.
        GetOutputSchema(input.Schema);
        return _transformers.Aggregate(input, (view, transformer) => transformer.Transform(view));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        if (Array.Find(_transformers, t => !t.IsRowToRowMapper) is { } other)
        {
            throw new InvalidOperationException($"{other.GetType()} in the chain is not a row to row mapper");
        }

        var schema = inputSchema;
        var mappers = new List<IRowToRowMapper>();
        foreach (var transformer in _transformers)
        {
            mappers.Add(transformer.GetRowToRowMapper(schema));
            schema = mappers[^1].OutputSchema;
        }

        return new ChainMapper(inputSchema, mappers);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.Save(typeof(TransformerChain), writer =>
        {
            writer.Write(_scopes.Length);
            Array.ForEach(_scopes, scope => writer.Write((int)scope));
        });
        for (var i = 0; i < _transformers.Length; i++)
        {
            ctx.SavePart(_transformers[i], TransformerChain.PartName(i));
        }
    }

    public IEnumerator<ITransformer> GetEnumerator() => ((IEnumerable<ITransformer>)_transformers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            foreach (var transformer in _transformers.Reverse())
            {
                (transformer as IDisposable)?.Dispose();
            }
        }
    }
}
