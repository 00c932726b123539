using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Pss.Engine;

/// <summary>Prepares libtorch before its first call: how its threads wait, whether it loads, how many threads it has.</summary>
/// <remarks>
/// Every public entry point that needs libtorch calls it. A program that uses TorchSharp directly should call
/// <see cref="Require"/> first, to get the same threads and the same errors.
/// <para>Threads. libtorch computes with one OpenMP thread per processor, but with a single thread on small virtual machines: <c>OMP_NUM_THREADS</c>
/// or, after <see cref="Require"/>, <c>torch.set_num_threads</c> overrides the number. Between two operations these threads spin for
/// milliseconds, which costs little on idle processors but multiplies the time of a training step if another process, or the threads
/// that decode images, use the same ones. On Linux they therefore sleep after a short spin (<c>GOMP_SPINCOUNT=10000</c>), unless the
/// environment sets <c>OMP_WAIT_POLICY</c> or <c>GOMP_SPINCOUNT</c>.</para>
/// <para>The loader of a training decodes on its own threads (<see cref="Training.TrainingOptions.Workers"/>), one per processor up to eight.
/// They prepare two batches in advance, which takes a small part of a step's time on a CPU, and wait without spinning; with a GPU, libtorch
/// hardly uses the processors.</para>
/// </remarks>
public static partial class TorchRuntime
{
    private const string WaitPolicy = "OMP_WAIT_POLICY";
    private const string SpinCount = "GOMP_SPINCOUNT";

    // Measured by the benchmark `contended`: without spinning, a single image takes 1.7 times as long on an idle machine; a tenth of libgomp's
    // default of 300,000 spins still loses time on a busy one.
    private const string DefaultSpinCount = "10000";
    private static readonly Lock Gate = new();
    private static volatile bool _ready;
    private static (string Message, Exception Cause)? _failure;

    /// <summary>Loads libtorch, once per process.</summary>
    /// <exception cref="TorchRuntimeException">It does not load; the message names the cause and what to do.</exception>
    public static void Require()
    {
        if (!_ready)
            Start();
    }

    /// <summary>How many GPUs libtorch sees.</summary>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static int GpuCount
    {
        get
        {
            Require();
            return torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        }
    }

    /// <summary>Processes of an MPI job that share the processors of this machine; set before libtorch loads.</summary>
    internal static int ProcessesOfMachine { get; set; } = 1;

    /// <summary>As <see cref="Require()"/>, for the arguments of a base class's constructor.</summary>
    internal static T Require<T>(T value)
    {
        Require();
        return value;
    }

    private static void Start()
    {
        lock (Gate)
        {
            if (_ready)
                return;
            if (_failure is null)
            {
                SetWaiting();
                try
                {
                    Load();
                    SetThreads();
                }
                catch (Exception fault) when (fault is TypeInitializationException or DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or NotSupportedException)
                {
                    _failure = (TorchDiagnosis.Explain(fault), fault);
                }
            }
            if (_failure is var (message, cause))
                throw new TorchRuntimeException(message, cause);
            _ready = true;
        }
    }

    // If a program's folder has no libtorch, TorchSharp copies it from the package cache and prints to the standard output: half a
    // gigabyte that hides a missing package until the program runs on another machine. Only notebooks, whose packages stay in the cache, need that.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load()
    {
        var binding = typeof(torch).Assembly;
        if (!OperatingSystem.IsLinux() || (binding.Location.Length > 0 && Path.GetDirectoryName(binding.Location) != Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))
            return;
        NativeLibrary.Load("torch_cpu", binding, null);
        NativeLibrary.Load("LibTorchSharp", binding, null);
    }

    // On a small virtual machine libtorch starts with one thread, on a path ten times slower. The user's setting is kept.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetThreads()
    {
        if ((torch.get_num_threads() == 1 || ProcessesOfMachine > 1) && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            torch.set_num_threads(Math.Max(1, Environment.ProcessorCount / ProcessesOfMachine));
    }

    /// <summary>Sets the native environment: libgomp reads it when it is loaded, and .NET's variables do not change it.</summary>
    private static void SetWaiting()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (policy, spins) = (Environment.GetEnvironmentVariable(WaitPolicy), Environment.GetEnvironmentVariable(SpinCount));
        try
        {
            if (policy is not null)
                SetVariable(WaitPolicy, policy, 1);
            if (spins is not null || policy is null)
                SetVariable(SpinCount, spins ?? DefaultSpinCount, 1);
        }
        catch (DllNotFoundException)
        {
            // Another C library: loading libtorch will fail and report why.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
