using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

/// <summary>A column value that has an owner, as images have.</summary>
public sealed class Picture(string name) : IDisposable
{
    public string Name { get; } = name;

    public bool IsDisposed { get; private set; }

    public void Dispose() => IsDisposed = true;
}
