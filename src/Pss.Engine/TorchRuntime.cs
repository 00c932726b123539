using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Pss.Engine;

/// <summary>What comes before the first call of libtorch: how its threads wait, whether it loads, how many threads it has.</summary>
/// <remarks>
/// Every public way into the engine that needs libtorch begins here. A program that calls TorchSharp itself before anything else calls
/// <see cref="Require"/> first, to get the same threads and the same errors.
/// <para>Threads. libtorch computes with one OpenMP thread a processor, and starts with one on small virtual machines: <c>OMP_NUM_THREADS</c>
/// or, after <see cref="Require"/>, <c>torch.set_num_threads</c> decides otherwise. Between two operations these threads would spin for
/// milliseconds, which costs little on processors of their own and multiplies a training step's time where another process, or the threads
/// that decode images, need the same ones. On Linux they therefore sleep after a short spin (<c>GOMP_SPINCOUNT=10000</c>), unless the
/// environment has <c>OMP_WAIT_POLICY</c> or <c>GOMP_SPINCOUNT</c>.</para>
/// <para>The loader of a training decodes on threads of its own (<see cref="Training.TrainingOptions.Workers"/>), one a processor up to eight.
/// They run ahead by two batches, which takes a small part of a step's time on a CPU, and wait without spinning; on a GPU libtorch leaves them
/// the processors.</para>
/// </remarks>
public static partial class TorchRuntime
{
    private const string WaitPolicy = "OMP_WAIT_POLICY";
    private const string SpinCount = "GOMP_SPINCOUNT";

    // The benchmark `contended`: to sleep at once makes a single image take 1.7 times as long on an idle machine, a tenth of libgomp's own 300,000
    // turns does not yet end the losses on a busy one.
    private const string DefaultSpinCount = "10000";
    private static readonly Lock Gate = new();
    private static volatile bool _ready;
    private static (string Message, Exception Cause)? _failure;

    /// <summary>Loads libtorch, once a process.</summary>
    /// <exception cref="TorchRuntimeException">It does not load; the message names the cause and the cure.</exception>
    public static void Require()
    {
        if (!_ready)
            Start();
    }

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

    // Where a program's folder has no libtorch, TorchSharp copies one there out of the package cache, if that has one, and reports on the standard
    // output: half a gigabyte that hides what the program lacks until it runs elsewhere. Only notebooks, whose packages stay in the cache, need that.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load()
    {
        var binding = typeof(torch).Assembly;
        if (!OperatingSystem.IsLinux() || (binding.Location.Length > 0 && Path.GetDirectoryName(binding.Location) != Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))
            return;
        NativeLibrary.Load("torch_cpu", binding, null);
        NativeLibrary.Load("LibTorchSharp", binding, null);
    }

    // A small virtual machine starts libtorch with one thread, on a path ten times slower. What the user set stays.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetThreads()
    {
        if (torch.get_num_threads() == 1 && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            torch.set_num_threads(Environment.ProcessorCount);
    }

    /// <summary>libgomp reads the process's own environment, which .NET's variables do not reach, and only while it is loaded.</summary>
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
            // Another C library: libtorch will not load either and says why.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
