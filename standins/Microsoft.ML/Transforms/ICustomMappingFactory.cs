namespace Microsoft.ML.Transforms;

internal interface ICustomMappingFactory
{
    ITransformer CreateTransformer(string contract);
}
