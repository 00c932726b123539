using System.Diagnostics;
using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>A process that computes on a number of threads while it is told to. It ends with the one that started it.</summary>
internal sealed class BusyProcess : IDisposable
{
    private const string Go = "go";
    private readonly Process _process;

    public BusyProcess(int threads)
    {
        _process = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(BusyProcess).Assembly.Location, "contended", "busy", threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Await();
    }

    /// <summary>What it has computed so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Start() => Tell(Go);

    public void Rest() => Tell("rest");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The process's own side: does what its input says until that ends.</summary>
    public static void Work(int threads)
    {
        using var goes = new ManualResetEventSlim();
        for (var i = 0; i < threads; i++)
        {
            new Thread(() =>
            {
                while (true)
                {
                    if (!goes.IsSet)
                        goes.Wait();
                }
            })
            { IsBackground = true }.Start();
        }
        do
            Console.WriteLine();
        while (Follow(Console.ReadLine()));

        bool Follow(string? order)
        {
            if (order == Go)
                goes.Set();
            else
                goes.Reset();
            return order is not null;
        }
    }

    private void Tell(string order)
    {
        _process.StandardInput.WriteLine(order);
        _process.StandardInput.Flush();
        Await();
    }

    private void Await()
    {
        if (_process.StandardOutput.ReadLine() is null)
            throw new InvalidOperationException("The busy process ended early.");
    }
}
