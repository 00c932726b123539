using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Assignment;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>What a second process that is busy on every processor costs: a training step, a training with its loader, and detection. Fair shares
/// would double each time.</summary>
internal static class ContendedBenchmark
{
    private const int Classes = 3;
    private const int Patience = 4;
    private const double MostDisturbance = 0.07;

    /// <summary>`contended [ROUNDS] [step | detect | training [LOADER THREADS]]`. The environment's OMP_WAIT_POLICY, GOMP_SPINCOUNT and OMP_NUM_THREADS hold.</summary>
    public static void Run(string[] arguments)
    {
        if (arguments is ["busy", var threads])
        {
            BusyProcess.Work(int.Parse(threads, CultureInfo.InvariantCulture));
            return;
        }
        var rounds = Setup.Number(arguments, 0, 9);
        var what = arguments.Length > 1 ? arguments[1] : null;
        string[] variables = ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_NUM_THREADS"];
        Console.WriteLine($"{get_num_threads()} threads, {string.Join(", ", variables.Select(name => $"{name} {Environment.GetEnvironmentVariable(name) ?? "not set"}"))}");
        using var busy = new BusyProcess(Environment.ProcessorCount);
        var recipe = TrainingRecipe.FromScratch(Classes, images: 205);
        if (what is null or "step")
            Step(recipe.Detector, busy, rounds);
        if (what is null or "detect")
            Detect(recipe, busy, rounds);
        if (what is null or "training")
            Training(recipe, busy, rounds, Setup.Number(arguments, 2, recipe.Training.Workers));
    }

    private static void Step(DetectorOptions options, BusyProcess busy, int rounds)
    {
        using var network = options.Build();
        network.train();
        using var optimizer = optim.SGD(network.parameters(), 1e-4, momentum: 0.9, weight_decay: 1e-4);
        using var images = randn(8, 3, 256, 320);
        using var input = images.ToChannelsLast();
        float[] boxes = [.. Enumerable.Range(0, 14).SelectMany(i => new float[] { 10 + 40 * (i % 7), 20 + 100 * (i / 7), 45 + 40 * (i % 7), 100 + 100 * (i / 7) })];
        int[] labels = [.. Enumerable.Range(0, 14).Select(i => i % Classes)];
        Compare("training step, ResNet-18, 8x3x256x320", busy, rounds, () =>
        {
            using var scope = NewDisposeScope();
            var objects = BatchTargets.Create([.. Enumerable.Repeat(boxes, 8)], [.. Enumerable.Repeat(labels, 8)], Classes, CPU);
            optimizer.zero_grad();
            network.Losses(network.call(input), objects).Total.backward();
            GradientClip.Apply(network.parameters(), 35);
            optimizer.step();
        });
    }

    private static void Detect(TrainingRecipe recipe, BusyProcess busy, int rounds)
    {
        using var detector = new Detector(Setup.Untrained(recipe.Detector, Resize.Letterbox(320, 256)), new() { Device = "cpu" });
        var image = new RgbImage(320, 240);
        new Random(1).NextBytes(image.Pixels);
        RgbImage[] batch = [.. Enumerable.Repeat(image, 8)];
        Compare("detection, ResNet-18, 8 images of 320x240", busy, rounds, () => detector.Detect(batch));
        Compare("detection, ResNet-18, 1 image of 320x240", busy, rounds, () => detector.Detect(image));
    }

    private static void Training(TrainingRecipe recipe, BusyProcess busy, int rounds, int workers)
    {
        var scenes = new SceneGenerator(new() { Width = 320, Height = 240 }).Dataset(0, 8 * (2 * rounds + 3));
        var detector = recipe.Detector with { Classes = SceneGenerator.Categories.Count };
        var training = recipe.Training with { Schedule = LearningRateSchedule.Steps(1, 0.8, 0.93), Device = "cpu", Workers = workers };
        var steps = new Alternating(busy);
        new DetectorTrainer(detector, training, recipe.Augmentation, recipe.Resize).Train(scenes, progress: steps);
        Print($"step of a training with {training.Workers} loader threads, ResNet-18, 8 drawn images", steps.Idle, steps.Contended);
    }

    private static void Compare(string what, BusyProcess busy, int rounds, Action work)
    {
        var (idle, contended) = (new List<double>(), new List<double>());
        work();
        work();
        var disturbed = 0;
        for (var left = Patience * rounds; left > 0 && Math.Min(idle.Count, contended.Count) < rounds; left--)
        {
            Time(idle);
            busy.Start();
            Time(contended);
            busy.Rest();
        }
        if (Math.Min(idle.Count, contended.Count) == 0)
            Console.WriteLine($"{what}: other work on this machine disturbed all runs");
        else
            Print($"{what} ({disturbed} runs disturbed by other work left out)", idle, contended);

        void Time(List<double> times)
        {
            var (others, start) = (MachineLoad.Others(busy), Stopwatch.GetTimestamp());
            work();
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (MachineLoad.Others(busy) - others < elapsed * (MostDisturbance * Environment.ProcessorCount))
                times.Add(elapsed.TotalMilliseconds);
            else
                disturbed++;
        }
    }

    private static void Print(string what, List<double> idle, List<double> contended)
    {
        var (alone, beside) = (SideBySide.Median(idle), SideBySide.Median(contended));
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: idle {alone:F0} ms ({idle.Min():F0} to {idle.Max():F0}), contended {beside:F0} ms ({contended.Min():F0} to {contended.Max():F0}), ratio {beside / alone:F2} (medians of {idle.Count})"));
    }

    /// <summary>Times step after step, every other one beside the busy process.</summary>
    private sealed class Alternating(BusyProcess busy) : IProgress<TrainingProgress>
    {
        private const int WarmUp = 3;
        private long _last;

        public List<double> Idle { get; } = [];

        public List<double> Contended { get; } = [];

        public void Report(TrainingProgress value)
        {
            var elapsed = Stopwatch.GetElapsedTime(_last).TotalMilliseconds;
            var isBusy = value.Step % 2 == 0;
            if (value.Step > WarmUp)
                (isBusy ? Contended : Idle).Add(elapsed);
            if (isBusy)
                busy.Rest();
            else
                busy.Start();
            _last = Stopwatch.GetTimestamp();
        }
    }
}
