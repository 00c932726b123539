using System.Diagnostics;

namespace StandIns.Tests;

internal static class FreshProcess
{
    /// <summary>Loads a saved model in a process that knows nothing of it; feeds texts, one a row, to its column "Text"; answers with every visible value.</summary>
    public static string Score(string modelPath, params string[] texts)
    {
        var here = AppContext.BaseDirectory;
        string[] arguments =
        [
            "exec",
            "--depsfile", Path.Combine(here, "StandIns.Tests.deps.json"),
            "--runtimeconfig", Path.Combine(here, "StandIns.Tests.Loader.runtimeconfig.json"),
            Path.Combine(here, "StandIns.Tests.Loader.dll"),
            modelPath,
            .. texts,
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.ReplaceLineEndings("\n");
    }
}
