namespace Pss.Engine.Distributed;

/// <summary>
/// The processes of an MPI job that train or score together, started by mpirun, srun or an operator of Kubernetes. Every process makes the same
/// calls in the same order. Dispose it before the process ends: MPI takes a process that leaves without it for a failed one.
/// </summary>
public sealed class Communicator : IDisposable
{
    private static readonly Lock Gate = new();
    private static Communicator? _ofProcess;
    private readonly ITransport _transport;

    /// <summary>Processes that exchange data in another way.</summary>
    internal Communicator(ITransport transport, int localRank = 0) => (_transport, LocalRank) = (transport, localRank);

    /// <summary>The number of this process, from 0. Process 0 writes the files and reports.</summary>
    public int Rank => _transport.Rank;

    /// <summary>Number of processes.</summary>
    public int Size => _transport.Size;

    /// <summary>The number of this process on its machine, from 0, which chooses its GPU.</summary>
    public int LocalRank { get; }

    /// <summary>Joins the job that this process was started in; null, without any MPI, for a process that was started alone. Further calls return the same
    /// communicator.</summary>
    /// <exception cref="DllNotFoundException">No MPI library loads; the message says what to install.</exception>
    /// <exception cref="InvalidOperationException">The library is of another MPI than the one that started the process.</exception>
    public static Communicator? FromEnvironment()
    {
        lock (Gate)
        {
            if (_ofProcess is not null || Launcher.Find() is not { } launcher)
                return _ofProcess;
            TorchRuntime.ProcessesOfMachine = launcher.LocalSize;
            return _ofProcess = new(new MpiTransport(MpiLibrary.Load(launcher), launcher), launcher.LocalRank);
        }
    }

    /// <summary>Waits until every process is here.</summary>
    public void Barrier() => _transport.Barrier();

    /// <summary>Ends all processes of the job, this one included, after the message is on standard error.</summary>
    /// <param name="message">Why.</param>
    public void Abort(string message)
    {
        // A fault that all processes have is told by the first.
        if (Rank > 0 && _transport is MpiTransport)
            Thread.Sleep(TimeSpan.FromSeconds(1));
        using (var errors = new StreamWriter(Console.OpenStandardError()))
            errors.WriteLine(FormattableString.Invariant($"Process {Rank} of {Size} failed and ends the job: {message}"));
        _transport.Abort();
    }

    /// <summary>Leaves the job; waits for the other processes to do so.</summary>
    public void Dispose() => _transport.Dispose();

    /// <summary>Replaces each value by its sum over all processes.</summary>
    internal void Sum(Span<float> values) => _transport.Sum(values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    internal void Sum(Span<double> values) => _transport.Sum(values);

    /// <summary>As <see cref="Sum(Span{float})"/>, with half of the bytes: values travel as bfloat16.</summary>
    internal void SumRounded(Span<float> values) => new RoundedSum(_transport).Run(values);

    /// <summary>Replaces each value by its maximum over all processes.</summary>
    internal void Max(Span<double> values) => _transport.Max(values);

    /// <summary>Whether something holds in any process.</summary>
    internal bool Any(bool here)
    {
        Span<double> value = [here ? 1 : 0];
        Max(value);
        return value[0] > 0;
    }

    /// <summary>The bytes of every process, by rank.</summary>
    internal byte[][] Gather(byte[] here)
    {
        var lengths = new double[Size];
        lengths[Rank] = here.Length;
        Max(lengths);
        var all = Array.ConvertAll(lengths, length => new byte[(int)length]);
        all[Rank] = here;
        for (var rank = 0; rank < Size; rank++)
            _transport.Broadcast(all[rank], rank);
        return all;
    }
}
