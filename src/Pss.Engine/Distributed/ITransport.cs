namespace Pss.Engine.Distributed;

/// <summary>How the processes of a job exchange data. Every process makes the same calls in the same order, one call at a time.</summary>
internal interface ITransport : IDisposable
{
    /// <summary>The number of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>Number of processes.</summary>
    int Size { get; }

    /// <summary>Replaces each value by its sum over all processes; the sums are the same bits in all of them.</summary>
    void Sum(Span<float> values);

    /// <summary>Replaces each value by its sum over all processes.</summary>
    void Sum(Span<double> values);

    /// <summary>Replaces each value by its maximum over all processes.</summary>
    void Max(Span<double> values);

    /// <summary>Sends bytes to the next process and receives as many from the one before; the last process is followed by the first.</summary>
    void Rotate(ReadOnlySpan<byte> send, Span<byte> receive);

    /// <summary>Copies the bytes of one process to all others.</summary>
    void Broadcast(Span<byte> values, int root);

    /// <summary>Waits until every process is here.</summary>
    void Barrier();

    /// <summary>Ends all processes.</summary>
    void Abort();
}
