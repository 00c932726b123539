using System.Diagnostics;

namespace Pss.Tool.Tests;

/// <summary>A console application run as a user runs it, in a process of its own.</summary>
internal sealed record ConsoleRun(int ExitCode, string Output, string Errors)
{
    public static ConsoleRun Of(string assembly, params string[] arguments)
    {
        using var process = Start(assembly, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    public static Process Start(string assembly, params string[] arguments)
        => Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
