using System.Diagnostics;
using Pss.Benchmarks.Paper;

namespace Pss.Benchmarks.Tests.Paper;

/// <summary>The benchmark of the paper's tables, as it is started from a command line.</summary>
public sealed class PaperBenchmarkTests
{
    [Fact]
    public void What_is_finished_is_not_run_again_and_a_lost_run_gives_the_same_numbers()
    {
        using var folder = new TemporaryFolder();
        var first = Paper(folder, "--tables", "3", "--detectors", "FCOS", "--seeds", "1", "--parallel", "2");
        var file = folder["runs.jsonl"];
        var lines = File.ReadAllLines(file);
        // The pretraining of all, then one step and the base detector, then the second of two steps.
        Assert.Equal(4, lines.Length);
        Assert.Contains("pretraining", lines[0], StringComparison.Ordinal);
        Assert.Contains("two steps", lines[3], StringComparison.Ordinal);
        Assert.Contains("| FCOS_PSS | two steps |", first, StringComparison.Ordinal);

        // Stopped while the last line was written; the second of two steps starts from the base detector of the first start.
        File.WriteAllText(file, $"{lines[0]}\n{lines[1]}\n{lines[2]}\n{lines[3][..20]}");
        Directory.Delete(Directory.GetDirectories(folder["runs"]).Single(run => run.Contains(Key(lines[3]), StringComparison.Ordinal)), recursive: true);
        var second = Paper(folder, "--tables", "3", "--detectors", "FCOS", "--seeds", "1");
        Assert.Contains("1 of 1", second, StringComparison.Ordinal);
        Assert.Equal(lines.Select(WithoutMinutes), File.ReadAllLines(file).Select(WithoutMinutes));
    }

    [Theory]
    [InlineData("--tables 11", "--tables is '11': it must be a whole number from 1 to 10.")]
    [InlineData("--seeds none", "--seeds is 'none': it must be a whole number from 1 to 1000.")]
    [InlineData("--detectors YOLO", "--detectors is 'YOLO': the base detectors are FCOS, ATSS and CondInst.")]
    [InlineData("--steps", "'--steps' has no value")]
    [InlineData("--step 1", "'--step' is no option")]
    public void A_wrong_option_is_named(string arguments, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => PaperSettings.Parse(arguments.Split(' '))).Message, StringComparison.Ordinal);

    private static string Key(string line) => line.Split('"')[3];

    private static string WithoutMinutes(string line) => line[..line.IndexOf("\"Minutes\"", StringComparison.Ordinal)];

    private static string Paper(TemporaryFolder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["exec", typeof(PaperSettings).Assembly.Location, "paper", "--steps", "12", "--held", "2", "--folder", folder.Path, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + errors.GetAwaiter().GetResult());
        return output;
    }
}
