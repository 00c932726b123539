namespace Microsoft.ML.Runtime;

public interface IProgressChannel : IProgressChannelProvider, IDisposable
{
    void Checkpoint(params double?[] values);
}
