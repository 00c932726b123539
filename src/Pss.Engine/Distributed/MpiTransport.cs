namespace Pss.Engine.Distributed;

/// <summary>The processes of an MPI job. Errors of the library end the job, as it does by default.</summary>
internal sealed unsafe class MpiTransport : ITransport
{
    private const int Serialized = 2;
    private const int Multiple = 3;

    // Counts are 32-bit; larger buffers go in pieces.
    private const int LargestPiece = 1 << 28;
    private readonly MpiLibrary _mpi;
    private readonly nint _world;
    private readonly delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, int, void*, int, nint, int, int, nint, void*, int> _sendReceive;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _barrier;
    private bool _disposed;

    /// <summary>Joins the job.</summary>
    /// <param name="mpi">The library.</param>
    /// <param name="launcher">What the launcher says of the job.</param>
    /// <exception cref="InvalidOperationException">The library does not see the launcher's processes, or allows no calls from different threads.</exception>
    public MpiTransport(MpiLibrary mpi, Launcher launcher)
    {
        (_mpi, _world) = (mpi, mpi.World);
        _allReduce = (delegate* unmanaged[Cdecl]<void*, void*, int, nint, nint, nint, int>)mpi.Function("MPI_Allreduce");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)mpi.Function("MPI_Bcast");
        _sendReceive = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, void*, int, nint, int, int, nint, void*, int>)mpi.Function("MPI_Sendrecv");
        _barrier = (delegate* unmanaged[Cdecl]<nint, int>)mpi.Function("MPI_Barrier");

        int level, rank, size;
        ((delegate* unmanaged[Cdecl]<void*, void*, int, int*, int>)mpi.Function("MPI_Init_thread"))(null, null, Multiple, &level);
        ((delegate* unmanaged[Cdecl]<nint, int*, int>)mpi.Function("MPI_Comm_rank"))(_world, &rank);
        ((delegate* unmanaged[Cdecl]<nint, int*, int>)mpi.Function("MPI_Comm_size"))(_world, &size);
        (Rank, Size) = (rank, size);
        if (size != launcher.Size)
        {
            throw new InvalidOperationException(
                $"This process was started as one of {launcher.Size}, but {mpi.Name} sees {size}: it is another MPI than the one that started it. Name the library's file by {MpiLibrary.PathVariable}.");
        }
        if (level < Serialized)
            throw new InvalidOperationException($"{mpi.Name} allows MPI on one thread only: install a build with MPI_THREAD_SERIALIZED or more.");
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public void Sum(Span<float> values)
    {
        fixed (float* start = values)
        {
            for (var at = 0; at < values.Length; at += LargestPiece)
                Reduce(start + at, Math.Min(LargestPiece, values.Length - at), _mpi.Float, _mpi.Sum);
        }
    }

    /// <inheritdoc/>
    public void Sum(Span<double> values)
    {
        fixed (double* start = values)
            Reduce(start, values.Length, _mpi.Double, _mpi.Sum);
    }

    /// <inheritdoc/>
    public void Max(Span<double> values)
    {
        fixed (double* start = values)
            Reduce(start, values.Length, _mpi.Double, _mpi.Max);
    }

    /// <inheritdoc/>
    public void Rotate(ReadOnlySpan<byte> send, Span<byte> receive)
    {
        // Larger than the status of any MPI.
        var status = stackalloc long[16];
        fixed (byte* from = send, to = receive)
            _sendReceive(from, send.Length, _mpi.Byte, (Rank + 1) % Size, 0, to, receive.Length, _mpi.Byte, (Rank + Size - 1) % Size, 0, _world, status);
    }

    /// <inheritdoc/>
    public void Broadcast(Span<byte> values, int root)
    {
        fixed (byte* start = values)
        {
            for (var at = 0; at < values.Length; at += LargestPiece)
                _broadcast(start + at, Math.Min(LargestPiece, values.Length - at), _mpi.Byte, root, _world);
        }
    }

    /// <inheritdoc/>
    public void Barrier() => _barrier(_world);

    /// <inheritdoc/>
    public void Abort() => ((delegate* unmanaged[Cdecl]<nint, int, int>)_mpi.Function("MPI_Abort"))(_world, 1);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        ((delegate* unmanaged[Cdecl]<int>)_mpi.Function("MPI_Finalize"))();
    }

    private void Reduce(void* values, int count, nint type, nint operation)
    {
        if (count > 0)
            _allReduce((void*)_mpi.InPlace, values, count, type, operation, _world);
    }
}
