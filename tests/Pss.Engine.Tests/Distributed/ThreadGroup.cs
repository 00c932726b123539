using System.Runtime.InteropServices;
using Pss.Engine.Distributed;

namespace Pss.Engine.Tests.Distributed;

/// <summary>Threads of this process that exchange data as the processes of an MPI job do.</summary>
internal sealed class ThreadGroup(int size)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Barrier _barrier = new(size);
    private readonly CancellationTokenSource _aborted = new();
    private readonly byte[][] _slots = new byte[size][];

    /// <summary>Runs the same work on every thread; the results by rank. The first fault of a thread is thrown.</summary>
    public static T[] Run<T>(int size, Func<Communicator, T> work)
    {
        var group = new ThreadGroup(size);
        var (results, faults) = (new T[size], new Exception?[size]);
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                using var communicator = new Communicator(new Transport(group, rank), rank);
                results[rank] = work(communicator);
            }
            catch (Exception fault)
            {
                faults[rank] = fault;
                group._aborted.Cancel();
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return faults.OfType<Exception>().OrderBy(fault => fault is AbortedException).FirstOrDefault() is { } first ? throw new GroupException(faults, first) : results;
    }

    /// <summary>Gives the bytes of each thread to every thread.</summary>
    private byte[][] Exchange(int rank, ReadOnlySpan<byte> own)
    {
        _slots[rank] = own.ToArray();
        Meet();
        var all = _slots.ToArray();
        Meet();
        return all;
    }

    private void Meet()
    {
        try
        {
            if (!_barrier.SignalAndWait(Patience, _aborted.Token))
                throw new TimeoutException("The other threads do not make the same calls.");
        }
        catch (OperationCanceledException)
        {
            throw new AbortedException();
        }
    }

    /// <summary>What happened on every thread.</summary>
    public sealed class GroupException(Exception?[] faults, Exception first) : Exception(first.Message, first)
    {
        public Exception?[] Faults => faults;
    }

    /// <summary>Another thread ended the job.</summary>
    public sealed class AbortedException : Exception;

    private sealed class Transport(ThreadGroup group, int rank) : ITransport
    {
        public int Rank => rank;

        public int Size => group._slots.Length;

        public void Sum(Span<float> values) => Reduce(values, (a, b) => a + b);

        public void Sum(Span<double> values) => Reduce(values, (a, b) => a + b);

        public void Max(Span<double> values) => Reduce(values, Math.Max);

        public void Rotate(ReadOnlySpan<byte> send, Span<byte> receive) => group.Exchange(rank, send)[(rank + Size - 1) % Size].CopyTo(receive);

        public void Broadcast(Span<byte> values, int root) => group.Exchange(rank, values)[root].CopyTo(values);

        public void Barrier() => group.Meet();

        public void Abort() => group._aborted.Cancel();

        public void Dispose()
        {
        }

        private void Reduce<T>(Span<T> values, Func<T, T, T> combine)
            where T : unmanaged
        {
            var all = Array.ConvertAll(group.Exchange(rank, MemoryMarshal.AsBytes(values)), bytes => MemoryMarshal.Cast<byte, T>(bytes).ToArray());
            Assert.All(all, others => Assert.Equal(all[0].Length, others.Length));
            for (var i = 0; i < values.Length; i++)
                values[i] = all.Select(others => others[i]).Aggregate(combine);
        }
    }
}
