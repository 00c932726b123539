using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>An estimator with nothing to learn: <c>Fit</c> checks the columns and hands out the transformer that it was made with.</summary>
internal interface IStandInEstimator<T> : IEstimator<T>
    where T : class, ITransformer
{
    T Transformer { get; }

    T IEstimator<T>.Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Transformer.GetOutputSchema(input.Schema);
        return Transformer;
    }

    SchemaShape IEstimator<T>.GetOutputSchema(SchemaShape inputSchema)
    {
        var columns = inputSchema.ToDictionary(c => c.Name);
        foreach (var column in GetOutputColumns(inputSchema))
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    IEnumerable<SchemaShape.Column> GetOutputColumns(SchemaShape inputSchema);
}
