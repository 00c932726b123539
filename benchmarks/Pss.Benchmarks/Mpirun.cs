using System.Diagnostics;
using System.Globalization;

namespace Pss.Benchmarks;

/// <summary>Starts this program in several processes by Open MPI's mpirun, or in one without it.</summary>
internal static class Mpirun
{
    public static Process Start(int processes, params string[] arguments)
    {
        string[] program = ["dotnet", "exec", typeof(Mpirun).Assembly.Location, .. arguments];
        string[] command = processes == 1 ? program
            :
            [
                "mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1", "-n", processes.ToString(CultureInfo.InvariantCulture),
                .. program,
            ];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = processes > 1 })!;
    }

    /// <summary>Runs to the end; what the processes printed.</summary>
    public static string Run(int processes, params string[] arguments)
    {
        using var process = Start(processes, arguments);
        var errors = processes > 1 ? process.StandardError.ReadToEndAsync() : Task.FromResult("");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(
            string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', arguments)} ended with exit code {process.ExitCode}: {output}{errors.Result}"));
    }

    /// <summary>Kills one of the processes as a fault of the machine would (SIGKILL); mpirun ends the others.</summary>
    public static void Kill(Process job, int processes, Random random)
    {
        if (processes == 1)
        {
            job.Kill();
            return;
        }
        var children = File.ReadAllText($"/proc/{job.Id}/task/{job.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (children.Length == processes)
        {
            using var victim = Process.GetProcessById(int.Parse(children[random.Next(processes)], CultureInfo.InvariantCulture));
            victim.Kill();
        }
        else
            job.Kill();
    }
}
