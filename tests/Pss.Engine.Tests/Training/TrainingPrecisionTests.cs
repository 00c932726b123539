using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Tests.Losses;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Training;

public sealed class TrainingPrecisionTests
{
    private static TrainingOptions BFloat16 { get; } = TinyDetector.Training with { Precision = Precision.BFloat16 };

    public static TheoryData<string> Detectors => ["fcos", "atss", "gfocal", "vfnet", "defcn", "frozen", "batch", "res2net", "deformable"];

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Losses_and_gradients_in_BFloat16_are_those_of_Float32_up_to_rounding(string kind)
    {
        var options = kind switch
        {
            "atss" => SmallDetectors.Small(DetectorOptions.AtssPss(3)),
            "gfocal" => SmallDetectors.Small(DetectorOptions.GfocalV2Pss(3)),
            "vfnet" => SmallDetectors.Small(DetectorOptions.VfnetPss(3)),
            "defcn" => SmallDetectors.Small(DetectorOptions.Defcn(3)),
            "frozen" => SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { Normalization = Normalization.FrozenBatchNorm } },
            "batch" => SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { Normalization = Normalization.BatchNorm } },
            "res2net" => SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { Block = ResNetBlock.Bottleneck, Scales = 4 } },
            "deformable" => SmallDetectors.FcosPss with { Backbone = SmallDetectors.Backbone with { DeformableStages = [3] } },
            _ => SmallDetectors.FcosPss,
        };
        var (exact, gradients) = Step(options, ScalarType.Float32);
        var (rounded, roundedGradients) = Step(options, ScalarType.BFloat16);
        Assert.All(exact, loss => Assert.Equal(loss.Value, rounded[loss.Key], 0.05 * Math.Abs(loss.Value) + 1e-3));
        Assert.Equal(gradients.Keys, roundedGradients.Keys);
        Assert.All(roundedGradients.Values, gradient => Assert.All(gradient, value => Assert.True(float.IsFinite(value))));
        // Of all weights at once: single gradients may be small differences of large numbers.
        var (a, b) = (gradients.Values.SelectMany(values => values).ToArray(), roundedGradients.Values.SelectMany(values => values).ToArray());
        var (product, ofA, ofB) = (Dot(a, b), Dot(a, a), Dot(b, b));
        // GFocalV2's first boxes are so alike that rounding changes which location an object is matched to.
        Assert.InRange(product / Math.Sqrt(ofA * ofB), kind == "gfocal" ? 0.7 : 0.99, 1.0001);
        Assert.NotEqual(a, b);

        static double Dot(float[] x, float[] y) => x.Zip(y).Sum(pair => (double)pair.First * pair.Second);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 3)]
    public void A_strided_convolution_of_a_narrow_map_has_the_gradients_of_Float32(int height, int width)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var conv = new SquareConvolution(32, 32, 3, stride: 2);
        Initializer.KaimingFanOut(conv, generator);
        var maps = randn([2, 32, height, width], generator: generator);
        var exact = Gradient(maps);
        conv.Weight.grad!.zero_();
        var rounded = Gradient(maps.to(ScalarType.BFloat16));
        Assert.InRange((rounded - exact).norm().item<float>(), 0, 0.01 * exact.norm().item<float>());

        Tensor Gradient(Tensor input)
        {
            conv.call(input.ToChannelsLast()).ToFloat32().sin().sum().backward();
            return conv.Weight.grad!.clone();
        }
    }

    [Fact]
    public void A_step_in_BFloat16_leaves_no_tensors()
    {
        Step(SmallDetectors.FcosPss, ScalarType.BFloat16);
        var before = LiveTensors.OfThread;
        Step(SmallDetectors.FcosPss, ScalarType.BFloat16);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_in_BFloat16_stopped_and_resumed_or_not()
    {
        using var folder = new TemporaryFolder();
        var reports = new List<TrainingProgress>();
        var whole = Train(BFloat16, reports.Add);
        Assert.All(reports, report => Assert.Equal(Precision.BFloat16, report.Precision));
        var training = BFloat16 with { OutputFolder = folder.Path, Resume = true };
        Stop(training, after: 2);
        // Left open, the precision is the checkpoint's.
        AssertSame(whole, Train(training with { Precision = null }));
        Assert.Equal([.. Enumerable.Repeat(Precision.BFloat16, 6)], TrainingProgress.ReadLog(folder[TrainingProgress.LogFileName]).Select(report => report.Precision));
        Assert.NotEqual(Bytes(whole), Bytes(Train(TinyDetector.Training)));
    }

    [Fact]
    public void Left_open_the_precision_on_a_CPU_is_Float32()
    {
        var reports = new List<TrainingProgress>();
        AssertSame(Train(TinyDetector.Training with { Precision = Precision.Float32 }), Train(TinyDetector.Training, reports.Add));
        Assert.All(reports, report => Assert.Equal(Precision.Float32, report.Precision));
    }

    [Fact]
    public void Another_precision_than_that_of_the_checkpoint_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var training = BFloat16 with { OutputFolder = folder.Path, Resume = true };
        Stop(training, after: 1);
        var error = Assert.Throws<InvalidOperationException>(() => Train(training with { Precision = Precision.Float32 }));
        Assert.Contains("Precision was \"BFloat16\" and is \"Float32\"", error.Message);
    }

    [Fact]
    public void A_checkpoint_of_a_version_without_a_precision_goes_on_in_Float32()
    {
        using var folder = new TemporaryFolder();
        var training = TinyDetector.Training with { OutputFolder = folder.Path, Resume = true };
        Stop(training, after: 1);
        var file = Safetensors.Read(folder["checkpoint.safetensors"]);
        var fingerprint = file.Metadata["training"].Replace(",\"Precision\":\"Float32\"", "");
        Assert.NotEqual(file.Metadata["training"], fingerprint);
        Safetensors.Write(folder["checkpoint.safetensors"], new WeightFile(file.Tensors, new Dictionary<string, string>(file.Metadata) { ["training"] = fingerprint }));
        var error = Assert.Throws<InvalidOperationException>(() => Train(training with { Precision = Precision.BFloat16 }));
        Assert.Contains("Precision was \"Float32\" and is \"BFloat16\"", error.Message);
        AssertSame(Train(TinyDetector.Training), Train(training));
    }

    [Fact]
    public void Float16_on_a_CPU_is_refused() => Assert.Contains(
        "Float16 runs on a GPU only: take BFloat16 or Float32 on the CPU.",
        Assert.Throws<ArgumentException>(() => Train(TinyDetector.Training with { Precision = Precision.Float16 })).Message);

    [Fact]
    public void The_trial_of_precisions_takes_the_faster_and_leaves_no_tensors()
    {
        var before = LiveTensors.OfThread;
        using (var scope = NewDisposeScope())
        using (var trial = new StepTrial(TinyDetector.Options, TinyDetector.Training, (64, 64), CPU))
            Assert.Contains(AutomaticOptions.Faster(trial, 2), (Precision[])[Precision.Float32, Precision.BFloat16]);
        Assert.Equal(before, LiveTensors.OfThread);
    }

    private static (Dictionary<string, double> Losses, Dictionary<string, float[]> Gradients) Step(DetectorOptions options, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var network = options.Build(seed: 7);
        network.train();
        var images = SmallDetectors.Images(2).ToChannelsLast().to(type);
        var losses = network.Losses(network.call(images), SmallDetectors.Objects());
        losses.Total.backward();
        Assert.Equal(ScalarType.Float32, losses.Total.dtype);
        return (losses.ToNumbers(), network.named_parameters().Where(pair => pair.parameter.grad is not null)
            .ToDictionary(pair => pair.name, pair => pair.parameter.grad!.data<float>().ToArray()));
    }

    private static DetectorModel Train(TrainingOptions options, Action<TrainingProgress>? report = null, CancellationToken cancellation = default) =>
        TinyDetector.Trainer(options).Train(new TinyDetector.Squares(10), TinyDetector.Classes, progress: new Callback(report ?? (_ => { })), cancellationToken: cancellation);

    private static void Stop(TrainingOptions options, int after)
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(options, report =>
        {
            if (report.Step == after)
                cancel.Cancel();
        }, cancel.Token));
    }

    private static byte[] Bytes(DetectorModel model) => [.. model.Weights.Tensors.SelectMany(tensor => tensor.Data.ToArray())];

    private static void AssertSame(DetectorModel a, DetectorModel b) => Assert.Equal(Bytes(a), Bytes(b));

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
