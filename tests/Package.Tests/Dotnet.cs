using System.Diagnostics;

namespace Package.Tests;

/// <summary>The command line of .NET and of what it built.</summary>
internal static class Dotnet
{
    /// <summary>Runs a program to its end and answers with what it wrote; a failure ends the test with it.</summary>
    public static string Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        // What the test host sets for itself is not for the builds it starts.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(" ", arguments)} ended with {process.ExitCode}:\n{output}\n{errors.Result}");
        return output;
    }
}
