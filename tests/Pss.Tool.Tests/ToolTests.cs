using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pss.Engine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Tool.Tests;

public sealed class ToolTests : IDisposable
{
    private static readonly string[] Small = ["--backbone", "r18", "--channels", "32", "--size", "96x128", "--batch", "4", "--device", "cpu"];
    private readonly TemporaryFolder _folder = new();

    public ToolTests() => new SceneGenerator(new() { Width = 128, Height = 96, MaxSize = 60 }, seed: 3).Save(In("scenes"), 0, 12);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_from_training_to_report()
    {
        var trained = Tool(["train", In("scenes"), "-o", In("out"), "--epochs", "1", "--hold-out", "0.25", "--json", .. Small]);
        Assert.True(trained.ExitCode == 0, trained.Errors);
        var model = JsonDocument.Parse(trained.Output).RootElement.GetProperty("detector").GetString()!;

        var evaluated = Tool("evaluate", model, In("scenes"), "--json", "--device", "cpu", "--results", In("results.json"));
        Assert.True(evaluated.ExitCode == 0, evaluated.Errors);
        var numbers = JsonDocument.Parse(evaluated.Output).RootElement;
        Assert.InRange(numbers.GetProperty("endToEnd").GetProperty("ap").GetDouble(), 0, 1);
        Assert.InRange(numbers.GetProperty("oneToMany").GetProperty("ap").GetDouble(), 0, 1);
        Assert.Equal(6, numbers.GetProperty("classes").GetArrayLength());
        Assert.Equal(1200, CocoResults.Read(In("results.json")).Count);

        var detected = Tool("detect", model, Path.Combine(In("scenes"), "images"), "--threshold", "0", "--json", "--device", "cpu");
        Assert.True(detected.ExitCode == 0, detected.Errors);
        Assert.Equal(12, JsonDocument.Parse(detected.Output).RootElement.GetArrayLength());

        // Nothing reaches a score of one: every image is listed, with no detection.
        var nothing = Tool("detect", model, Path.Combine(In("scenes"), "images"), "--threshold", "1", "--json", "--device", "cpu");
        Assert.True(nothing.ExitCode == 0, nothing.Errors);
        Assert.Equal(Enumerable.Repeat(0, 12), JsonDocument.Parse(nothing.Output).RootElement.EnumerateArray().Select(image => image.GetProperty("detections").GetArrayLength()));

        var report = Tool("report", model, In("scenes"), "-o", In("report.html"), "--pictures", "2", "--device", "cpu", "--json");
        Assert.True(report.ExitCode == 0, report.Errors);
        var page = File.ReadAllText(In("report.html"));
        foreach (var output in (string[])["endToEnd", "oneToMany"])
            foreach (var number in numbers.GetProperty(output).EnumerateObject())
            {
                Assert.Equal(number.Value.ToString(), JsonDocument.Parse(report.Output).RootElement.GetProperty(output).GetProperty(number.Name).ToString());
                Assert.Contains(number.Value.ValueKind == JsonValueKind.Number && number.Value.GetDouble() is var value ? FormattableString.Invariant($">{100 * value:F1}<") : ">–<", page);
            }
        foreach (var option in (string[])["short side 96, long side up to 128", "9 of ", ">seed<", "50 % left to right"])
            Assert.Contains(option, page);
    }

    [Fact]
    public void Labels_follow_the_detector_where_the_annotations_have_another_order()
    {
        var trained = Tool(["train", In("scenes"), "-o", In("out"), "--epochs", "1", "--json", .. Small]);
        Assert.True(trained.ExitCode == 0, trained.Errors);
        Assert.Equal(0, Tool("convert", In("scenes"), "--to", "voc", "-o", In("voc"), "--copy-images").ExitCode);
        var names = File.ReadAllLines(In("voc/classes.txt"));
        File.WriteAllLines(In("voc/classes.txt"), [.. names[1..], names[0]]);
        Assert.Equal(Found("scenes"), Found("voc"));

        string[] Found(string form)
        {
            var run = Tool("evaluate", In("out/detector.safetensors"), In(form), "--quiet", "--device", "cpu", "--results", In("results.json"));
            Assert.True(run.ExitCode == 0, run.Errors);
            var categories = DetectionDataset.Load(In(form)).Categories.ToDictionary(category => category.Id, category => category.Name);
            return [.. CocoResults.Read(In("results.json")).Select(result => categories[result.CategoryId])];
        }
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_checkpoint_and_says_how_to_go_on()
    {
        string[] arguments = ["train", In("scenes"), "-o", In("out"), "--epochs", "400", "--quiet", .. Small];
        await Interrupt(arguments);
        var before = TrainingLog.Read(In("out/log.jsonl")).Count;
        await Interrupt([.. arguments, "--resume"]);

        var steps = File.ReadLines(In("out/log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Step").GetInt64()).ToArray();
        Assert.True(steps.Length > before);
        Assert.Equal(Enumerable.Range(1, steps.Length).Select(step => (long)step), steps);
    }

    /// <summary>Runs a training and presses Ctrl-C twice once the log has grown.</summary>
    private async Task Interrupt(string[] arguments)
    {
        var log = new FileInfo(In("out/log.jsonl"));
        var start = log.Exists ? log.Length : 0;
        using var process = ConsoleRun.Start(null, "pss-tool", arguments);
        var errors = process.StandardError.ReadToEndAsync();
        for (var patience = Stopwatch.StartNew(); !(log.Exists && log.Length > start) && !process.HasExited && patience.Elapsed < TimeSpan.FromMinutes(5); log.Refresh())
            await Task.Delay(100);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            await Process.Start("kill", ["-INT", process.Id.ToString()]).WaitForExitAsync();
            await Task.Delay(200);
        }
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromMinutes(2)).Token);
        Assert.True(process.ExitCode == 130, await errors);
        Assert.Contains("run the same command with --resume to go on from", await errors);
        Assert.True(File.Exists(In("out/checkpoint.safetensors")));
    }

    [Fact]
    public void Dataset_and_AP_are_exactly_the_same_through_every_form()
    {
        // An object without width, as BCCD holds two, is left out by every form alike.
        CocoWriter.WriteAnnotations(In("scenes/whole.json"), WholePixels(DetectionDataset.Load(In("scenes"))));
        var source = Tool("convert", In("scenes/whole.json"), "--to", "coco", "-o", In("coco"), "--copy-images", "--skip-invalid", "--json");
        Assert.True(source.ExitCode == 0, source.Errors);
        Assert.Contains("boxes without area are left out", source.Errors);
        Assert.Equal(0, Tool("convert", In("coco"), "--to", "voc", "-o", In("voc"), "--copy-images", "--quiet").ExitCode);
        Assert.Equal(0, Tool("convert", In("voc"), "--to", "yolo", "-o", In("yolo"), "--copy-images", "--quiet").ExitCode);
        Assert.Equal(0, Tool("convert", In("yolo"), "--to", "coco", "-o", In("back"), "--copy-images", "--quiet").ExitCode);

        var coco = DetectionDataset.Load(In("coco"));
        var random = new Random(1);
        Detection[][] found = [.. coco.Images.Select(image => image.Objects.Select(item => new Detection(
            (float)(item.Box.X + random.Next(4)), (float)item.Box.Y, (float)item.Box.X2, (float)(item.Box.Y2 - random.Next(3)), (float)random.NextDouble(), item.Label)).ToArray())];
        var expected = new CocoEvaluator().Evaluate(coco, found).Summary;
        Assert.InRange(expected.AP, 0.1, 0.99);
        foreach (var form in (string[])["voc", "yolo", "back"])
        {
            var data = DetectionDataset.Load(In(form));
            Assert.Equal(coco.Categories.Select(category => category.Name), data.Categories.Select(category => category.Name));
            Assert.Equal(Content(coco), Content(data));
            Assert.Equal(expected, new CocoEvaluator().Evaluate(data, found).Summary);
        }

        static IEnumerable<(string, int, int, int, BoundingBox, double, bool)> Content(DetectionDataset data) => data.Images.SelectMany(image =>
            image.Objects.Select(item => (image.FileName, image.Width, image.Height, item.Label, item.Box, item.Area, item.IsCrowd)));
    }

    private static DetectionDataset WholePixels(DetectionDataset data) => new()
    {
        Categories = data.Categories,
        Images = [.. data.Images.Select((image, i) => image with
        {
            Objects = [.. image.Objects.Select((item, k) => new ObjectAnnotation
            {
                Id = item.Id,
                Label = item.Label,
                Box = new(Math.Floor(item.Box.X), Math.Floor(item.Box.Y), i + k == 0 ? 0 : Math.Ceiling(item.Box.Width), Math.Ceiling(item.Box.Height)),
            })],
        })],
    };

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

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void Output_and_files_are_the_same_in_every_culture(string culture)
    {
        var trained = Tool(["train", In("scenes"), "-o", In("out"), "--epochs", "1", "--json", .. Small]);
        Assert.True(trained.ExitCode == 0, trained.Errors);
        Assert.Equal(Outputs("en-US"), Outputs(culture));

        string Outputs(string name)
        {
            var (model, target) = (In("out/detector.safetensors"), Directory.CreateDirectory(In(name)).FullName);
            string[][] commands =
            [
                ["detect", model, Path.Combine(In("scenes"), "images"), "--threshold", "0.00001", "--device", "cpu"],
                ["evaluate", model, In("scenes"), "--device", "cpu", "--results", Path.Combine(target, "results.json"), "--quiet"],
                ["convert", In("scenes"), "--to", "yolo", "-o", Path.Combine(target, "yolo"), "--json"],
                ["convert", In("scenes"), "--to", "voc", "-o", Path.Combine(target, "voc"), "--json"],
                ["report", model, In("scenes"), "-o", Path.Combine(target, "report.html"), "--pictures", "2", "--device", "cpu", "--json"],
            ];
            var outputs = commands.Select(command =>
            {
                var run = ConsoleRun.Under(name, "pss-tool", command);
                Assert.True(run.ExitCode == 0, run.Errors);
                return run.Output.Replace(target, "");
            }).ToArray();
            var all = string.Concat(outputs.Concat(Directory.GetFiles(target, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText)));
            // The minute of a report is its own.
            return Regex.Replace(all, @"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "");
        }
    }

    [Theory]
    [InlineData(1, "neither a file nor a folder", "train", "nowhere")]
    [InlineData(1, "nosuch.safetensors", "evaluate", "nosuch.safetensors", "nowhere")]
    [InlineData(2, "Required", "train")]
    [InlineData(1, "--split", "convert", "two", "--to", "voc", "-o", "there")]
    [InlineData(2, "xyz", "convert", "here", "--to", "xyz", "-o", "there")]
    [InlineData(1, "--images is 'nosuch', which is not an existing folder", "inspect", "two", "--images", "nosuch")]
    [InlineData(2, "as in 0.05", "detect", "nosuch.safetensors", "nowhere", "--threshold", "0,05")]
    public void What_is_wrong_is_said_and_the_exit_code_tells(int exitCode, string message, params string[] arguments)
    {
        foreach (var name in (string[])["a.json", "b.json"])
            CocoWriter.WriteAnnotations(In("two/" + name), DetectionDataset.Load(In("scenes")));
        var run = Tool([.. arguments.Select(argument => argument == "two" ? In("two") : argument)]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Errors + run.Output);
        Assert.DoesNotContain("   at ", run.Errors);
    }

    [Fact]
    public void The_demo_prints_both_numbers_and_writes_its_report()
    {
        var run = ConsoleRun.Of("Demo", In("demo"), "1");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Starts from the ImageNet weights", run.Output);
        Assert.Contains("end to end, no NMS:  AP", run.Output);
        Assert.Contains("one to many, NMS:    AP", run.Output);
        Assert.True(File.Exists(Path.Combine(In("demo"), "report.html")));
        Assert.True(File.Exists(Path.Combine(In("demo"), "model.zip")));
    }

    private static double Distance(BoundingBox a, BoundingBox b)
        => new[] { a.X - b.X, a.Y - b.Y, a.Width - b.Width, a.Height - b.Height }.Max(Math.Abs);

    private static ConsoleRun Tool(params string[] arguments) => ConsoleRun.Of("pss-tool", arguments);

    private string In(string name) => _folder[name];
}
