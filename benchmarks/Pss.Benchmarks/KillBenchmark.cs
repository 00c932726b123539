using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Distributed;
using Pss.Engine.Training;

namespace Pss.Benchmarks;

/// <summary>
/// A training in a process of its own that is killed at random points, resumed, and compared with one that is not disturbed. All options that keep a
/// state from step to step are on. `kill [KILLS] [SEED] [PROCESSES]`: of several processes (mpirun), one is killed.
/// </summary>
internal static class KillBenchmark
{
    private const string Child = "child";
    private const string Final = "final.safetensors";
    private static readonly Resize Size = Resize.Letterbox(96, 96);

    public static void Run(string[] arguments)
    {
        if (arguments is [Child, var folder])
        {
            Train(folder);
            return;
        }
        var (kills, random, processes) = (Setup.Number(arguments, 0, 20), new Random(Setup.Number(arguments, 1, 0)), Setup.Number(arguments, 2, 1));
        var root = Directory.CreateTempSubdirectory("pss-kill-").FullName;
        try
        {
            var time = Stopwatch.StartNew();
            var whole = Path.Combine(root, "whole");
            Start(whole, null, processes, random);
            var duration = time.Elapsed;
            var (done, trainings, same) = (0, 0, 0);
            while (done < kills)
            {
                // As many trainings as it takes: a kill may come after the end.
                var resumed = Path.Combine(root, $"resumed{trainings++}");
                while (!Start(resumed, done < kills ? random.NextDouble() * duration / 6 : null, processes, random))
                    Console.WriteLine($"kill {++done} of {kills}, {StepsIn(resumed)} of {StepsIn(whole)} steps in the log");
                same += Same(whole, resumed) ? 1 : 0;
            }
            Console.WriteLine(
                $"killed {done} times in {trainings} trainings of {StepsIn(whole)} steps; {same} of {trainings} ended in the same bits as the undisturbed one");
            Environment.ExitCode = same == trainings ? 0 : 1;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Runs the training in a process of its own until its end, or kills it so long after it began; whether it came to its end.</summary>
    private static bool Start(string folder, TimeSpan? life, int processes, Random random)
    {
        using var process = Mpirun.Start(processes, "kill", Child, folder);
        if (processes > 1)
            process.ErrorDataReceived += (_, _) => { };
        if (processes > 1)
            process.BeginErrorReadLine();
        process.StandardOutput.ReadLine();
        if (life is { } span && !process.WaitForExit(span))
        {
            Mpirun.Kill(process, processes, random);
            process.WaitForExit();
            return false;
        }
        process.WaitForExit();
        return process.ExitCode == 0 ? true : throw new InvalidOperationException(
            string.Create(CultureInfo.InvariantCulture, $"The training in {folder} ended with exit code {process.ExitCode}."));
    }

    /// <summary>The child's side.</summary>
    private static void Train(string folder)
    {
        var generator = new SceneGenerator(new() { Width = 96, Height = 96, MinSize = 16, MaxSize = 48, MaxObjects = 4, OneClass = true }, seed: 1);
        var detector = DetectorOptions.FcosPss(1) with
        {
            Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 16 },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        var training = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Cosine(8, 0.05) with { WarmUpSteps = 10 },
            Optimizer = OptimizerKind.AdamW,
            LearningRate = 0.001,
            WeightDecay = 0.05,
            DecayNormsAndBiases = false,
            BackboneRateFactor = 0.5,
            LayerRateFactors = [new("pss.", 2)],
            EmaDecay = 0.99,
            EmaWarmUpSteps = 20,
            BatchSize = 4,
            NominalBatch = 8,
            ReferenceBatch = 8,
            Patience = 7,
            ReturnBest = true,
            TensorBoard = true,
            CheckpointEvery = 3,
            OutputFolder = folder,
            Resume = true,
            Device = "cpu",
        };
        using var communicator = Communicator.FromEnvironment();
        Console.WriteLine("begins");
        var trainer = new DetectorTrainer(detector, training, new() { Sizes = [Size], Crop = 0.5, Brightness = 0.2 }, Size) { Communicator = communicator };
        var model = trainer.Train(generator.Dataset(0, 96), generator.Dataset(1_000_000, 16));
        if (communicator is null or { Rank: 0 })
            model.Save(Path.Combine(folder, Final));
    }

    private static bool Same(string whole, string resumed)
        => File.ReadAllBytes(Path.Combine(whole, Final)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(resumed, Final)))
            && Steps(resumed).SequenceEqual(Steps(whole));

    private static int StepsIn(string folder) => Steps(folder).Length;

    private static long[] Steps(string folder)
    {
        var log = Path.Combine(folder, TrainingProgress.LogFileName);
        return File.Exists(log) ? [.. TrainingProgress.ReadLog(log).Select(progress => progress.Step)] : [];
    }
}
