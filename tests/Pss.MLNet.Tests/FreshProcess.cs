using System.Diagnostics;

namespace Pss.MLNet.Tests;

internal static class FreshProcess
{
    /// <summary>Runs a program that lies beside the tests; answers with the lines that it wrote.</summary>
    public static string[] Run(string name, params string[] arguments) => RunUnder(null, name, arguments);

    /// <summary>As <see cref="Run"/>, for a user of that culture; null leaves the machine's.</summary>
    public static string[] RunUnder(string? culture, string name, params string[] arguments) => Lines(name, Beside(name, arguments), culture);

    /// <summary>As <see cref="Run"/>, with the lines of the stream of errors.</summary>
    public static (string[] Lines, string[] Errors) RunWithErrors(string name, params string[] arguments)
    {
        var (output, errors) = Run(name, new ProcessStartInfo("dotnet", Beside(name, arguments)) { RedirectStandardOutput = true, RedirectStandardError = true });
        return (Split(output), Split(errors));
    }

    /// <summary>Runs a program from the folder that it lies in, as it is deployed there.</summary>
    public static string[] RunIn(string folder, string name, params string[] arguments) => Lines(name, ["exec", Path.Combine(folder, $"{name}.dll"), .. arguments]);

    /// <summary>The output folder of another project of the tests.</summary>
    public static string OutputOf(string project)
    {
        var own = $"{Path.DirectorySeparatorChar}Pss.MLNet.Tests{Path.DirectorySeparatorChar}";
        Assert.Contains(own, AppContext.BaseDirectory);
        return AppContext.BaseDirectory.Replace(own, $"{Path.DirectorySeparatorChar}{project}{Path.DirectorySeparatorChar}");
    }

    private static string[] Beside(string name, string[] arguments)
    {
        var here = AppContext.BaseDirectory;
        return
        [
            "exec", "--depsfile", Path.Combine(here, "Pss.MLNet.Tests.deps.json"), "--runtimeconfig", Path.Combine(here, $"{name}.runtimeconfig.json"),
            Path.Combine(here, $"{name}.dll"), .. arguments,
        ];
    }

    private static string[] Lines(string name, string[] arguments, string? culture = null)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (culture is not null)
            start.Environment["LC_ALL"] = $"{culture.Replace('-', '_')}.UTF-8";
        return Split(Run(name, start).Output);
    }

    /// <summary>As <see cref="RunIn"/>, with these variables in the environment and those of OpenMP from the tests' own left out; answers with the
    /// lines of the stream of errors.</summary>
    public static string[] ErrorsIn(string folder, string name, (string Name, string Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(folder, $"{name}.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in (string[])["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"])
            start.Environment.Remove(inherited);
        foreach (var (variable, value) in variables)
            start.Environment[variable] = value;
        return Split(Run(name, start).Errors);
    }

    private static (string Output, string Errors) Run(string name, ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {errors.Result}");
        return (output, errors.Result);
    }

    private static string[] Split(string text) => text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
