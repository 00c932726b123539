namespace Microsoft.ML.Runtime;

internal interface IInternalCatalog
{
    IHostEnvironment Environment { get; }
}
