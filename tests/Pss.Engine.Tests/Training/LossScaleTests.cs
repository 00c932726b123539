using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tests;

namespace Pss.Engine.Tests.Training;

/// <summary>Loss scaling, which trainings in Float16 on a GPU use. A checkpoint with a loss scale brings it to a training on the CPU.</summary>
public sealed class LossScaleTests
{
    [Fact]
    public void An_overflow_halves_the_factor_and_many_good_steps_double_it()
    {
        var scale = LossScale.Start;
        Assert.Equal(65536, scale.Factor);
        Assert.Equal(new LossScale(32768), scale.Next(overflow: true));
        for (var step = 1; step < LossScale.GrowthInterval; step++)
        {
            scale = scale.Next(overflow: false);
            Assert.Equal(new LossScale(65536, step), scale);
        }
        Assert.Equal(new LossScale(131072), scale.Next(overflow: false));
        // An overflow begins the count anew.
        Assert.Equal(new LossScale(32768), scale.Next(overflow: true));
    }

    [Fact]
    public void The_factor_stays_within_its_bounds()
    {
        var (small, large) = (LossScale.Start, LossScale.Start);
        for (var i = 0; i < 40; i++)
        {
            small = small.Next(overflow: true);
            large = (large with { GoodSteps = LossScale.GrowthInterval - 1 }).Next(overflow: false);
        }
        Assert.Equal((1, false), (small.Factor, small.CanShrink));
        Assert.Equal((1 << 24, true), (large.Factor, large.CanShrink));
    }

    [Fact]
    public void A_scaled_loss_gives_the_same_steps_and_its_scale_is_kept_in_the_checkpoint()
    {
        var whole = Train(TinyDetector.Training, []);
        using var folder = new TemporaryFolder();
        var scaled = Resumed(folder, new LossScale(1024, 5), []);
        // A power of two changes no digit.
        Assert.Equal(Bytes(whole), Bytes(scaled));
        Assert.Equal("{\"Factor\":1024,\"GoodSteps\":10}", Safetensors.Read(folder["checkpoint.safetensors"]).Metadata["loss_scale"]);
    }

    [Fact]
    public void Steps_whose_gradient_overflows_are_left_out_and_the_training_goes_on()
    {
        using var folder = new TemporaryFolder();
        var reports = new List<TrainingProgress>();
        var factor = Math.Pow(2, 129);
        var model = Resumed(folder, new LossScale(factor), reports);
        Assert.Equal(5, reports.Count);
        // Float32 ends at 2^128: the first two factors overflow whatever the loss.
        Assert.Equal([0, 0], reports.Take(2).Select(report => report.GradientNorm));
        Assert.Contains(Safetensors.Read(folder["checkpoint.safetensors"]).Metadata["loss_scale"], Enumerable.Range(2, 4).Select(halvings =>
            FormattableString.Invariant($"{{\"Factor\":{factor / Math.Pow(2, halvings):R},\"GoodSteps\":{5 - halvings}}}")));
        Assert.All(model.Weights.Tensors.Where(tensor => tensor.Name.EndsWith("weight", StringComparison.Ordinal)),
            tensor => Assert.All(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tensor.Data.Span).ToArray(), value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void An_overflow_with_the_smallest_factor_stops_the_training()
    {
        var training = TinyDetector.Training with { LearningRate = 1e30, GradientClip = 1e30 };
        using var folder = new TemporaryFolder();
        Assert.Throws<DivergedException>(() => Resumed(folder, new LossScale(1), [], training));
    }

    /// <summary>A training whose checkpoint after the first step is given a loss scale.</summary>
    private static DetectorModel Resumed(TemporaryFolder folder, LossScale scale, List<TrainingProgress> reports, TrainingOptions? options = null)
    {
        var training = (options ?? TinyDetector.Training) with { OutputFolder = folder.Path, Resume = true };
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => TinyDetector.Trainer(training).Train(
            new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Stopper(cancel), cancellationToken: cancel.Token));
        var path = folder["checkpoint.safetensors"];
        var file = Safetensors.Read(path);
        var metadata = new Dictionary<string, string>(file.Metadata) { ["loss_scale"] = System.Text.Json.JsonSerializer.Serialize(scale) };
        Safetensors.Write(path, new WeightFile(file.Tensors, metadata));
        return Train(training, reports);
    }

    private static DetectorModel Train(TrainingOptions options, List<TrainingProgress> reports) =>
        TinyDetector.Trainer(options).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Collector(reports));

    private static byte[] Bytes(DetectorModel model) => [.. model.Weights.Tensors.SelectMany(tensor => tensor.Data.ToArray())];

    private sealed class Stopper(CancellationTokenSource cancel) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => cancel.Cancel();
    }

    private sealed class Collector(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
