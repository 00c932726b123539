using System.Diagnostics;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Modeling;
using Pss.Engine.Modeling.Backbones;
using Pss.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>What everything else stands on: calls, a backbone's forward pass, and memory over many training steps.</summary>
internal static class FoundationBenchmarks
{
    private const int Threads = 2;

    /// <summary>100,000 additions of four numbers, results disposed as they come.</summary>
    public static void Adds(string[] arguments)
    {
        set_num_threads(Threads);
        using var peer = new PythonPeer("torch_ops.py", "adds", Threads);
        using var a = ones(4);
        using var b = ones(4);
        // TorchSharp's operator makes one anew, which a garbage collection can free in the middle of the addition.
        using Scalar factor = 1;
        SideBySide.Compare("100,000 small adds", () =>
        {
            for (var i = 0; i < 100_000; i++)
                a.add(b, factor).Dispose();
        }, peer, rounds: 15);
    }

    /// <summary>The body of a ResNet-50 with trainable batch normalisation, in inference mode, laid out as Python's: nothing folded, nothing permuted.</summary>
    public static void ResNet50(string[] arguments)
    {
        set_num_threads(Threads);
        using var peer = new PythonPeer("torch_ops.py", "resnet50", Threads);
        using var generator = new Generator(0);
        using var body = new ResNet(ResNetOptions.ResNet50.FromScratch(), generator);
        body.eval();
        using var image = randn(1, 3, 512, 512);
        SideBySide.Compare("ResNet-50 forward, 1x3x512x512", () =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            body.call(image);
        }, peer, rounds: 9);
    }

    /// <summary>2,000 training steps of a small network: live tensors and resident memory before and after.</summary>
    public static void Steps(string[] arguments)
    {
        set_num_threads(Threads);
        using var network = nn.Sequential(
            ("conv", nn.Conv2d(3, 16, 3, padding: 1)), ("norm", nn.InstanceNorm2d(16)), ("relu", nn.ReLU()), ("out", nn.Conv2d(16, 4, 3, padding: 1)));
        using var optimizer = new SgdOptimizer([.. network.parameters()], momentum: 0.9, weightDecay: 0);
        long memory = 0, tensors = 0;
        for (var step = 0; step < 2_200; step++)
        {
            // The first steps make what stays: gradients, momentum, pools.
            if (step == 200)
                (memory, tensors) = (ResidentMemory(), Tensor.TotalCount);
            using var scope = NewDisposeScope();
            optimizer.ClearGradients();
            network.call(randn(4, 3, 64, 64)).abs().mean().backward();
            optimizer.Step(0.01);
        }
        Console.WriteLine($"2,000 training steps: live tensors {tensors} -> {Tensor.TotalCount}, resident memory {(ResidentMemory() - memory) / 1e6:+0.0;-0.0} MB");
    }

    /// <summary>
    /// Networks built, folded, prepared for inference, run once and disposed of: tensors of ours that are left, resident memory after a tenth
    /// of them and after all. `./build.sh bench networks [COUNT] [small | resnet18]`.
    /// </summary>
    public static void Networks(string[] arguments)
    {
        set_num_threads(Threads);
        var count = Setup.Number(arguments, 0, 1_000);
        var options = DetectorOptions.FcosPss(80) with { Backbone = ResNetOptions.ResNet18 };
        if (arguments.Length < 2 || arguments[1] != "resnet18")
        {
            options = options with
            {
                Backbone = ResNetOptions.ResNet18 with { Width = 16 },
                Pyramid = options.Pyramid with { Channels = 128 },
                Head = options.Head with { Convolutions = 1 },
            };
        }
        var model = Setup.Untrained(options, Resize.Letterbox(64, 64));
        var image = new RgbImage(64, 64);
        // Of the thread, by TorchSharp's statistics: Tensor.TotalCount stays one higher for each parameter ever made.
        var tensors = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        long start = 0, most = 0;
        for (var i = 1; i <= count; i++)
        {
            using (var detector = new Detector(model, new() { Device = "cpu" }))
                detector.Detect(image);
            if (i % Math.Max(1, count / 10) != 0)
                continue;
            var now = ResidentMemory();
            (start, most) = start == 0 ? (now, now) : (start, Math.Max(most, now));
        }
        Console.WriteLine($"{count} networks of {model.Weights.Tensors.Sum(tensor => (long)tensor.Data.Length) / 1e6:f1} MB: live tensors {tensors} -> {DisposeScopeManager.Statistics.ThreadTotalLiveCount}, "
            + $"resident memory {start / 1e6:f0} MB, {(ResidentMemory() - start) / 1e6:+0.0;-0.0} MB at the end, {(most - start) / 1e6:+0.0;-0.0} MB at most");
    }

    /// <summary>The lines of the stand-ins, by folder.</summary>
    public static void Lines(string[] arguments)
    {
        foreach (var folder in Directory.GetDirectories(Path.Combine(Repository.Root, "standins")))
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/") && Path.GetExtension(path) is ".cs" or ".cpp").ToList();
            Console.WriteLine($"{Path.GetFileName(folder)}: {files.Sum(path => File.ReadLines(path).Count())} lines in {files.Count} files");
        }
    }

    internal static long ResidentMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
