using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Tool.Tests;

/// <summary>The tool in several processes, started by mpirun.</summary>
public sealed class DistributedTests(TrainedFixture trained) : IClassFixture<TrainedFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpirunFact]
    public void Two_processes_train_the_detector_of_one_and_the_first_reports()
    {
        // Batch normalizations, which see the images of their own process only, stay as they are.
        string[] training =
        [
            "train", trained.Data, "--weights", trained.Detector, "--selector-only", "--epochs", "1", "--hold-out", "0.25", "--size", "96x96", "--batch", "4", "--device", "cpu",
            "--no-report", "--checkpoint-every", "1",
        ];
        var (one, two) = (ConsoleRun.Of("pss-tool", [.. training, "-o", _folder["one"]]), OfTwo([.. training, "-o", _folder["two"]]));
        Assert.True(one.ExitCode == 0, one.Errors);
        Assert.True(two.ExitCode == 0, two.Errors);
        Assert.Single(two.Errors.Split('\n'), line => line.Contains("which 2 processes share", StringComparison.Ordinal));
        Assert.Single(two.Output.Split('\n'), line => line.EndsWith("detector.safetensors", StringComparison.Ordinal));
        var logs = Array.ConvertAll<string, IReadOnlyList<TrainingProgress>>(["one", "two"], name => TrainingProgress.ReadLog(_folder[name, "log.jsonl"]));
        Assert.Equal(logs[0].Select(step => step.Step), logs[1].Select(step => step.Step));
        Assert.All(logs[0].Zip(logs[1]), pair => Assert.Equal(pair.First.Losses["total"], pair.Second.Losses["total"], 1e-4));
        var (weights, others) = (Weights("one"), Weights("two"));
        Assert.True(weights.Zip(others).Max(pair => Math.Abs(pair.First - pair.Second)) < 1e-5);
        Assert.False(weights.SequenceEqual(DetectorModel.Load(trained.Detector).Weights.Tensors.SelectMany(tensor => tensor.ToSingles())));

        float[] Weights(string name) => [.. DetectorModel.Load(_folder[name, "detector.safetensors"]).Weights.Tensors.SelectMany(tensor => tensor.ToSingles())];
    }

    [MpirunFact]
    public void Detection_goes_on_after_a_process_was_killed_and_ends_in_the_file_of_one_process()
    {
        var images = Directory.CreateDirectory(_folder["images"]).FullName;
        // Three parts for each process, at a large size: the first part is seen long before the job ends.
        foreach (var i in Enumerable.Range(0, 384))
            File.Copy(Path.Combine(trained.Data, "images", $"{i % 16:d3}.png"), Path.Combine(images, $"{i:d4}.png"));
        _folder.Write("images/0100.png", "no image");
        string[] detection = ["detect", trained.Detector, images, "--size", "192x192", "--threshold", "0", "--format", "coco", "--device", "cpu"];
        var parts = _folder["two"] + ".parts";
        using (var job = Start([.. detection, "-o", _folder["two"]]))
        {
            while (!(Directory.Exists(parts) && Directory.GetFiles(parts, "*.json").Length > 0))
                Assert.False(job.WaitForExit(5), "The job ended before a part of it was seen.");
            // SIGKILL for the second process; mpirun ends the other one.
            using var victim = Process.GetProcessById(ChildrenOf(job.Id)[1]);
            victim.Kill();
            job.StandardError.ReadToEnd();
            job.WaitForExit();
            Assert.NotEqual(0, job.ExitCode);
        }
        Assert.False(File.Exists(_folder["two"]));
        var two = OfTwo([.. detection, "-o", _folder["two"]]);
        var one = RunOf(StartAlone([.. detection, "-o", _folder["one"]]));
        Assert.Matches("[0-9]+ of 384 images have been scored by an earlier run", two.Errors);
        Assert.All([one, two], run => Assert.Contains("1 of 384 images could not be read", run.Errors));
        Assert.Equal(File.ReadAllBytes(_folder["one"]), File.ReadAllBytes(_folder["two"]));
        Assert.False(Directory.Exists(parts));
    }

    [MpirunFact]
    public void Other_commands_run_in_one_process()
    {
        var run = OfTwo("evaluate", trained.Detector, trained.Data);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Single(run.Errors.Split('\n'), line => line.Contains("evaluate runs in one process", StringComparison.Ordinal));
    }

    [Fact]
    public void A_detection_that_can_be_resumed_is_one_that_cannot_and_leaves_no_parts()
    {
        string[] detection = ["detect", trained.Detector, Path.Combine(trained.Data, "images"), "--threshold", "0", "--format", "csv", "--device", "cpu"];
        var plain = ConsoleRun.Of("pss-tool", [.. detection, "-o", _folder["plain"]]);
        Assert.True(plain.ExitCode == 0, plain.Errors);
        var other = Directory.CreateDirectory(_folder["parts"] + ".parts").FullName;
        File.WriteAllText(Path.Combine(other, "0123456789abcdef-000000.json"), "[]");
        var resumable = ConsoleRun.Of("pss-tool", [.. detection, "-o", _folder["parts"], "--resumable"]);
        Assert.True(resumable.ExitCode == 0, resumable.Errors);
        Assert.Contains("1 part of another detector, of other images or options removed.", resumable.Errors);
        Assert.Equal(File.ReadAllBytes(_folder["plain"]), File.ReadAllBytes(_folder["parts"]));
        Assert.False(Directory.Exists(other));
        Assert.Contains("name its file by --output", ConsoleRun.Of("pss-tool", [.. detection, "--resumable"]).Errors);
    }

    private static ConsoleRun OfTwo(params string[] arguments) => RunOf(Start(arguments));

    private static ConsoleRun RunOf(Process started)
    {
        using var process = started;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    private static Process Start(string[] arguments) => OfOneThread("mpirun",
        ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "2", "dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "pss-tool.dll"), .. arguments]);

    private static Process StartAlone(string[] arguments) => OfOneThread("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "pss-tool.dll"), .. arguments]);

    // The last digits of a network's outputs depend on the number of threads.
    private static Process OfOneThread(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["OMP_NUM_THREADS"] = "1" },
    })!;

    private static int[] ChildrenOf(int process) => Array.ConvertAll(
        File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries), id => int.Parse(id, CultureInfo.InvariantCulture));
}
