using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    private readonly string[] _names;
    private readonly bool _keep;

    internal ColumnSelectingEstimator(string[] names, bool keep, bool keepHidden)
        : base(new ColumnSelectingTransformer(names, keep, keepHidden))
    {
        _names = names;
        _keep = keep;
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape.Column[] named = [.. _names.Select(inputSchema.Require)];
        return new(_keep ? named : inputSchema.Where(c => !_names.Contains(c.Name)));
    }
}
