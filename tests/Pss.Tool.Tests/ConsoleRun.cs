using System.Diagnostics;

namespace Pss.Tool.Tests;

/// <summary>A console application run as a user runs it, in a process of its own.</summary>
internal sealed record ConsoleRun(int ExitCode, string Output, string Errors)
{
    public static ConsoleRun Of(string assembly, params string[] arguments) => Under(null, assembly, arguments);

    /// <summary>As a user of that culture runs it; null leaves the machine's.</summary>
    public static ConsoleRun Under(string? culture, string assembly, params string[] arguments)
    {
        using var process = Start(culture, assembly, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    public static Process Start(string? culture, string assembly, params string[] arguments)
    {
        string[] command = ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments];
        // Tests that a shell runs in the background inherit that Ctrl-C is ignored.
        if (OperatingSystem.IsLinux())
            command = ["env", "--default-signal=INT", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (culture is not null)
            start.Environment["LC_ALL"] = $"{culture.Replace('-', '_')}.UTF-8";
        return Process.Start(start)!;
    }
}
