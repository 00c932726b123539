using System.Diagnostics;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>Tensors and memory over many training steps and many networks.</summary>
internal static class MemoryBenchmarks
{
    private const int Threads = 2;

    /// <summary>2,000 training steps of a small detector on scenes: live tensors and resident memory after 1,000 steps, when the collector's heap has its size, and at the end.</summary>
    public static void Steps(string[] arguments)
    {
        var (steps, warmUp) = (Setup.Number(arguments, 0, 2_000), Setup.Number(arguments, 1, 1_000));
        const int batch = 4, stepsOfEpoch = 20;
        var scenes = new SceneGenerator(new() { Width = 96, Height = 64, MinSize = 12, MaxSize = 50, MaxObjects = 4 });
        var detector = DetectorOptions.FcosPss(SceneGenerator.Categories.Count) with
        {
            Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 8 },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var size = Resize.Letterbox(96, 64);
        var training = new TrainingOptions { Schedule = LearningRateSchedule.Steps((steps + warmUp) / stepsOfEpoch, 0.8, 0.93), BatchSize = batch, NominalBatch = batch, Device = "cpu" };
        var growth = new TrainingGrowth(warmUp);
        new DetectorTrainer(detector, training, new() { Sizes = [size] }, size).Train(
            scenes.Dataset(0, stepsOfEpoch * batch), progress: growth);
        Console.WriteLine(growth.ToString());
    }

    /// <summary>
    /// Networks built, folded, prepared for inference, run once and disposed of: tensors of ours that are left, resident memory after a tenth
    /// of them and after all. `networks [COUNT] [small | resnet18]`.
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

    internal static long ResidentMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    /// <summary>Live tensors and resident memory between the end of the warm-up and the last step, measured inside the training.</summary>
    private sealed class TrainingGrowth(int warmUp) : IProgress<TrainingProgress>
    {
        private long _tensors;
        private long _memory;
        private string _result = "";

        public void Report(TrainingProgress value)
        {
            if (value.Step == warmUp)
                (_tensors, _memory) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, ResidentMemory());
            if (value.Step == value.Steps)
                _result = $"{value.Steps - warmUp} training steps: live tensors {_tensors} -> {DisposeScopeManager.Statistics.ThreadTotalLiveCount}, resident memory {(ResidentMemory() - _memory) / 1e6:+0.0;-0.0} MB";
        }

        public override string ToString() => _result;
    }
}
