using System.Diagnostics;

namespace Pss.Engine.Tests.Reports;

/// <summary>A headless Chromium, where the machine has one.</summary>
internal static class Browser
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];

    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Loads a page and returns its document after loading, and what the browser wrote about it.</summary>
    public static (string Document, string Log) Load(string page)
    {
        var profile = Directory.CreateTempSubdirectory("browser");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Path!, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
                "--no-first-run", $"--user-data-dir={profile.FullName}", "--enable-logging=stderr", "--dump-dom", new Uri(page).AbsoluteUri])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var (document, log) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            if (!process.WaitForExit(TimeSpan.FromMinutes(3)))
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{Path} did not load {page} in three minutes: {log.Result}");
            }
            return (document.Result, log.Result);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
