using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>
/// The real transformers derive from a base class whose constructors only Microsoft's own packages reach. Those here forward to a
/// transformer that Microsoft.ML made.
/// </summary>
internal interface IStandInTransformer : ITransformer
{
    ITransformer Inner { get; }

    bool ITransformer.IsRowToRowMapper => true;

    DataViewSchema ITransformer.GetOutputSchema(DataViewSchema inputSchema) => Inner.GetOutputSchema(inputSchema);

    IDataView ITransformer.Transform(IDataView input) => Inner.Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Inner.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => Inner.Save(ctx);
}
