namespace Microsoft.ML.Runtime;

/// <summary>As in the real package, nothing of it reaches <see cref="MLContext.Log"/>.</summary>
internal sealed class ProgressChannel : IProgressChannel
{
    public void Checkpoint(params double?[] values)
    {
    }

    public IProgressChannel StartProgressChannel(string name) => new ProgressChannel();

    public void Dispose()
    {
    }
}
