using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Distributed;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>Data-parallel training on the processes of this machine (Open MPI): weights against those of one process, and the time of a step.</summary>
internal static class DistributedBenchmark
{
    private const int Steps = 20;
    private const int ImagesPerProcess = 2;

    /// <summary>`distributed [ROUNDS] [SIDE]`: rounds of timed steps, and the side of their images.</summary>
    public static void Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["train", var batch, var folder]:
                Train(int.Parse(batch, CultureInfo.InvariantCulture), folder);
                break;
            case ["step", var rounds, var side]:
                Step(int.Parse(rounds, CultureInfo.InvariantCulture), int.Parse(side, CultureInfo.InvariantCulture));
                break;
            default:
                Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
                Compare(2);
                Compare(4);
                string[] numbers = [.. new[] { Setup.Number(arguments, 0, 5), Setup.Number(arguments, 1, 320) }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
                Console.Write(Mpirun.Run(2, ["distributed", "step", .. numbers]));
                break;
        }
    }

    /// <summary>20 steps of several processes with two images each, against one process with all images; norms are frozen.</summary>
    private static void Compare(int processes)
    {
        var root = Directory.CreateTempSubdirectory("pss-distributed-").FullName;
        try
        {
            var batch = (ImagesPerProcess * processes).ToString(CultureInfo.InvariantCulture);
            string[] folders = [Path.Combine(root, "one"), Path.Combine(root, "several")];
            Mpirun.Run(1, "distributed", "train", batch, folders[0]);
            Mpirun.Run(processes, "distributed", "train", batch, folders[1]);
            var weights = Array.ConvertAll(folders, folder => DetectorModel.Load(Path.Combine(folder, TrainingOptions.CheckpointFileName)).Weights);
            var logs = Array.ConvertAll(folders, folder => TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName)));
            var losses = logs[0].Zip(logs[1]).Max(pair => pair.First.Losses.Max(loss => Math.Abs(loss.Value - pair.Second.Losses[loss.Key]) / Math.Max(1, loss.Value)));
            Console.WriteLine(FormattableString.Invariant($"{processes} processes with {ImagesPerProcess} images each against one with {batch}, {logs[1].Count} steps:"));
            Console.WriteLine(FormattableString.Invariant($"  weights differ by at most {Distance(weights[0], weights[1]):E1}, losses by {losses:E1}"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static double Distance(WeightFile a, WeightFile b) => a.Tensors.Zip(b.Tensors)
        .Max(pair => pair.First.ToSingles().Zip(pair.Second.ToSingles()).Max(values => Math.Abs((double)values.First - values.Second)));

    private static void Train(int batch, string folder)
    {
        using var communicator = Communicator.FromEnvironment();
        var detector = DetectorOptions.FcosPss(SceneGenerator.Categories.Count) with
        {
            Backbone = ResNetOptions.ResNet18 with { Width = 16, FrozenStages = 0 },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Linear(1) with { WarmUpSteps = 5 },
            LearningRate = 0.001,
            NominalBatch = batch,
            ReferenceBatch = batch,
            BatchSize = batch,
            OutputFolder = folder,
            Device = "cpu",
        };
        Resize[] sizes = [Resize.ShortestEdge(96, 160), Resize.ShortestEdge(128, 192)];
        new DetectorTrainer(detector, training, new() { Sizes = sizes }, sizes[0]) { Communicator = communicator }
            .Train(new SceneGenerator(new() { Width = 160, Height = 128, MaxSize = 96 }).Dataset(0, Steps * batch));
    }

    /// <summary>
    /// Steps of two processes with one thread each, in turn with steps of the first alone with two threads and all images. The other one sleeps meanwhile:
    /// one that waited in MPI would keep a processor busy.
    /// </summary>
    private static void Step(int rounds, int side)
    {
        using var communicator = Communicator.FromEnvironment() ?? throw new InvalidOperationException("Start it by mpirun.");
        var options = DetectorOptions.FcosPss(80) with { Backbone = ResNetOptions.ResNet50 };
        var training = new TrainingOptions { NominalBatch = ImagesPerProcess * communicator.Size, BatchSize = ImagesPerProcess * communicator.Size, Device = "cpu" };
        using var network = options.Build();
        network.UseChannelsLast();
        network.train();
        using var state = TrainingState.Create(network, CPU, training);
        var step = new TrainingStep(network, CPU, channelsLast: true, _ => "of a benchmark");
        using var together = new DataParallel(communicator, rounded: false);
        using var rounded = new DataParallel(communicator, rounded: true);
        using var alone = new DataParallel(null, rounded: false);
        TorchSharp.Modules.Parameter[] parameters = [.. network.parameters().Where(parameter => parameter.requires_grad)];
        var (several, one, sums, halves) = (new Times(), new Times(), new List<double>(), new List<double>());
        var flag = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"pss-distributed-{Environment.GetEnvironmentVariable("PMIX_NAMESPACE")}"));
        for (var round = -1; round < rounds; round++)
        {
            set_num_threads(1);
            communicator.Barrier();
            Measure(round, several.Wall, several.Processor, () => Once(together, ImagesPerProcess));
            communicator.Sum(CollectionsMarshal.AsSpan(several.Processor)[^Math.Min(1, several.Processor.Count)..]);
            if (communicator.Rank == 0)
            {
                set_num_threads(communicator.Size);
                Measure(round, one.Wall, one.Processor, () => Once(alone, ImagesPerProcess * communicator.Size));
                File.WriteAllText(flag, "");
            }
            else
            {
                while (!File.Exists(flag))
                    Thread.Sleep(10);
            }
            communicator.Barrier();
            File.Delete(flag);
        }
        // What the sums take when both processes are there; within a step they also wait for the slower one.
        Pass(together, ImagesPerProcess);
        for (var round = -1; round < rounds; round++)
        {
            communicator.Barrier();
            Measure(round, sums, null, () => together.Combine(network, parameters, ImagesPerProcess));
            communicator.Barrier();
            Measure(round, halves, null, () => rounded.Combine(network, parameters, ImagesPerProcess));
        }
        if (communicator.Rank > 0)
            return;
        var (megabytes, load) = (parameters.Sum(parameter => parameter.numel()) * sizeof(float) / 1e6, MachineLoad.Average());
        Console.WriteLine(FormattableString.Invariant(
            $"FCOS_PSS with ResNet-50, {side} x {side}, {ImagesPerProcess * communicator.Size} images a step, {megabytes:F0} MB of gradients; load average {load}, medians of {rounds} rounds"));
        Line($"{communicator.Size} processes of one thread against one of {communicator.Size} threads", several.Wall, one.Wall);
        Line("the same in processor time of all", several.Processor, one.Processor);
        Line("sums in float32 against the step", sums, several.Wall);
        Line("sums in bfloat16 against the step", halves, several.Wall);

        static void Measure(int round, List<double> wall, List<double>? processor, Action work)
        {
            var (start, used) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            work();
            if (round < 0)
                return;
            wall.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            processor?.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }

        void Once(DataParallel processes, int images)
        {
            using var scope = NewDisposeScope();
            Pass(processes, images);
            processes.Combine(network, parameters, images);
            GradientClip.Apply(parameters, 35);
            state.Step(1e-4, 1);
        }

        void Pass(DataParallel processes, int images)
        {
            using var scope = NewDisposeScope();
            List<TrainingBatch> passes = [Batch(images, side)];
            processes.Align(passes);
            processes.Sum(PassLosses.Read([step.Pass(passes[0], processes.Normalizers(passes, step, CPU))], zeros([])).Losses[0]);
            passes[0].Dispose();
        }

        static void Line(string what, List<double> a, List<double> b) => Console.WriteLine(FormattableString.Invariant(
            $"  {what}: {SideBySide.Median(a):F0} ms and {SideBySide.Median(b):F0} ms, ratio {SideBySide.Median(a.Zip(b, (x, y) => x / y)):F3}"));
    }

    /// <summary>Times of steps in ms: on the clock, and of the processors.</summary>
    private sealed record Times
    {
        public List<double> Wall { get; } = [];

        public List<double> Processor { get; } = [];
    }

    private static TrainingBatch Batch(int images, int side)
    {
        var image = new RgbImage(side, side);
        new Random(1).NextBytes(image.Pixels);
        float[] boxes = [10, 10, 100, 120, 60, 70, 200, 180, 150, 20, 290, 140];
        return TrainingBatch.Collate([.. Enumerable.Repeat(new TrainingSample(image, boxes, [0, 1, 2]), images)], [.. Enumerable.Range(0, images)]);
    }
}
