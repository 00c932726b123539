using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace DetectionService.Tests;

/// <summary>The program as its user starts it.</summary>
public sealed partial class ProgramTests(TinyModels models) : IClassFixture<TinyModels>
{
    private const int Terminate = 15;

    [Fact]
    public async Task It_serves_the_model_and_ends_by_a_signal_without_leaving_files()
    {
        using var temporary = new TemporaryFolder();
        var key = temporary.Write("key", "secret\n");
        using var program = Start(temporary.Path, models.OfFiles, "--listen", "127.0.0.1:0", "--api-key-file", key);
        try
        {
            var line = await program.StandardOutput.ReadLineAsync();
            Assert.StartsWith("files.zip with 6 classes at http://127.0.0.1:", line);
            using var client = new HttpClient { BaseAddress = new(line!.Split(" at ")[1].Split(';')[0]) };
            client.DefaultRequestHeaders.Add("X-Api-Key", "secret");
            using var response = await client.PostAsync("/detect", RunningService.Content(models.Jpeg(0)));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Single(Directory.GetFiles(Assert.Single(Directory.GetDirectories(temporary.Path, "pss-service-*"))));
            if (OperatingSystem.IsWindows())
                return;
            Assert.Equal(0, Kill(program.Id, Terminate));
            await program.WaitForExitAsync();
            Assert.Equal(0, program.ExitCode);
            Assert.Empty(Directory.GetDirectories(temporary.Path));
        }
        finally
        {
            // A test that fails leaves no program behind.
            program.Kill();
        }
    }

    [Theory]
    [InlineData(2, "--modle is no option", "--modle")]
    [InlineData(1, "There is no model", "none.zip")]
    [InlineData(1, "no address", "none.zip", "--listen", "everywhere")]
    [InlineData(1, "--timeout is", "none.zip", "--timeout", "1e400")]
    [InlineData(1, "neither a model", "DetectionService.dll")]
    [InlineData(1, "needs a key", "none.zip", "--listen", "0.0.0.0:0")]
    public async Task It_tells_what_is_wrong_with_its_arguments(int exitCode, string message, params string[] arguments)
    {
        using var program = Start(Path.GetTempPath(), arguments);
        var errors = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.Contains(message, errors);
        Assert.Equal(exitCode, program.ExitCode);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static Process Start(string temporary, params string[] arguments)
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "DetectionService.Tests");
        var program = Path.Combine(AppContext.BaseDirectory, "DetectionService.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", "--depsfile", $"{tests}.deps.json", "--runtimeconfig", $"{tests}.runtimeconfig.json", program, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove("DETECTION_API_KEY");
        // Files of the runtime's own would count.
        (start.Environment["TMPDIR"], start.Environment["DOTNET_EnableDiagnostics"]) = (temporary, "0");
        return Process.Start(start)!;
    }
}
