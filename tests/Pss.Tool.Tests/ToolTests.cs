using System.Diagnostics;
using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Scenes;

namespace Pss.Tool.Tests;

public sealed class ToolTests : IDisposable
{
    private static readonly string[] small = ["--backbone", "r18", "--channels", "32", "--size", "96x128", "--batch", "4", "--device", "cpu"];
    private readonly string folder = Directory.CreateTempSubdirectory("tool").FullName;

    public ToolTests() => SceneFiles.Write(In("scenes"), new(new() { Width = 128, Height = 96, MaxSize = 60 }, seed: 3), 0, 12);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_run_from_training_to_report()
    {
        var trained = Tool(["train", In("scenes"), "-o", In("out"), "--epochs", "1", "--hold-out", "0.25", "--json", .. small]);
        Assert.True(trained.ExitCode == 0, trained.Errors);
        var model = JsonDocument.Parse(trained.Output).RootElement.GetProperty("detector").GetString()!;

        var evaluated = Tool("evaluate", model, In("scenes"), "--json", "--device", "cpu", "--results", In("results.json"));
        Assert.True(evaluated.ExitCode == 0, evaluated.Errors);
        var numbers = JsonDocument.Parse(evaluated.Output).RootElement;
        Assert.InRange(numbers.GetProperty("endToEnd").GetProperty("AP").GetDouble(), 0, 1);
        Assert.InRange(numbers.GetProperty("oneToMany").GetProperty("AP").GetDouble(), 0, 1);
        Assert.Equal(1200, CocoResults.Read(In("results.json")).Count);

        var detected = Tool("detect", model, Path.Combine(In("scenes"), "images"), "--threshold", "0", "--json", "--device", "cpu");
        Assert.True(detected.ExitCode == 0, detected.Errors);
        Assert.Equal(12, JsonDocument.Parse(detected.Output).RootElement.GetArrayLength());

        var report = Tool("report", model, In("scenes"), "-o", In("report.html"), "--pictures", "2", "--device", "cpu");
        Assert.True(report.ExitCode == 0, report.Errors);
        Assert.Contains("end to end", File.ReadAllText(In("report.html")));
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_checkpoint_and_says_how_to_go_on()
    {
        string[] arguments = ["train", In("scenes"), "-o", In("out"), "--epochs", "400", "--quiet", .. small];
        using var process = ConsoleRun.Start("pss-tool", arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var log = Path.Combine(In("out"), "log.jsonl");
        var patience = Stopwatch.StartNew();
        while (!File.Exists(log) && patience.Elapsed < TimeSpan.FromMinutes(2))
            await Task.Delay(100);
        await Process.Start("kill", ["-INT", process.Id.ToString()]).WaitForExitAsync();
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("--resume", await errors);
        Assert.True(File.Exists(Path.Combine(In("out"), "checkpoint.safetensors")));
    }

    [Fact]
    public void Annotations_go_through_every_form_unchanged()
    {
        foreach (var form in (string[])["voc", "yolo"])
        {
            Assert.Equal(0, Tool("convert", In("scenes"), "--to", form, "-o", In(form), "--copy-images").ExitCode);
            var back = DetectionDataset.Load(In(form));
            var original = DetectionDataset.Load(In("scenes"));
            Assert.Equal(original.Categories.Select(category => category.Name), back.Categories.Select(category => category.Name));
            foreach (var (a, b) in original.Images.Zip(back.Images))
            {
                Assert.Equal(a.Objects.Select(item => item.Label), b.Objects.Select(item => item.Label));
                // YOLO's fractions bring numbers with many digits back to within a billionth of a pixel.
                Assert.All(a.Objects.Zip(b.Objects), pair => Assert.True(Distance(pair.First.Box, pair.Second.Box) <= 1e-9, $"{pair}"));
            }
        }
    }

    [Theory]
    [InlineData(1, "no file and no folder", "train", "nowhere")]
    [InlineData(1, "nosuch.safetensors", "evaluate", "nosuch.safetensors", "nowhere")]
    [InlineData(2, "Required", "train")]
    [InlineData(2, "xyz", "convert", "here", "--to", "xyz", "-o", "there")]
    public void What_is_wrong_is_said_and_the_exit_code_tells(int exitCode, string message, params string[] arguments)
    {
        var run = Tool(arguments);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Errors + run.Output);
        Assert.DoesNotContain("   at ", run.Errors);
    }

    [Fact]
    public void The_demo_prints_both_numbers_and_writes_its_report()
    {
        var run = ConsoleRun.Of("Demo", "1", "8", In("demo"));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("AP end to end, no NMS:", run.Output);
        Assert.Contains("AP one to many, NMS:", run.Output);
        Assert.True(File.Exists(Path.Combine(In("demo"), "report.html")));
    }

    private static double Distance(BoundingBox a, BoundingBox b)
        => new[] { a.X - b.X, a.Y - b.Y, a.Width - b.Width, a.Height - b.Height }.Max(Math.Abs);

    private static ConsoleRun Tool(params string[] arguments) => ConsoleRun.Of("pss-tool", arguments);

    private string In(string name) => Path.Combine(folder, name);
}
