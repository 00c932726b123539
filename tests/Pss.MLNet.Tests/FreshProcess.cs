using System.Diagnostics;

namespace Pss.MLNet.Tests;

internal static class FreshProcess
{
    /// <summary>Runs a program that lies beside the tests; answers with the lines that it wrote.</summary>
    public static string[] Run(string name, params string[] arguments)
    {
        var here = AppContext.BaseDirectory;
        string[] all =
        [
            "exec", "--depsfile", Path.Combine(here, "Pss.MLNet.Tests.deps.json"), "--runtimeconfig", Path.Combine(here, $"{name}.runtimeconfig.json"),
            Path.Combine(here, $"{name}.dll"), .. arguments,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {errors.Result}");
        return output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
