using Pss.Engine.Assignment;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Modeling;
using Pss.Engine.Modeling.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>FCOS_PSS, its selector included, against torchvision's FCOS: the same shapes, classes, threads and libtorch, taking turns.</summary>
internal static class FcosBenchmarks
{
    private const int Threads = 2;
    private const int Classes = 91;

    /// <summary>Forward pass and post-processing at 1x3x512x512.</summary>
    public static void Detect(string[] arguments)
    {
        set_num_threads(Threads);
        using var peer = new PythonPeer("torch_fcos.py", "detect", Threads);
        foreach (var detector in (DetectorOptions[])[DetectorOptions.FcosPss(Classes), DetectorOptions.Fcos(Classes)])
        {
            foreach (var channelsLast in (bool[])[false, true])
            {
                using var network = new DetectorNetwork(detector);
                network.eval();
                network.FoldBatchNorm();
                network.UseWinograd();
                var postProcessor = new PostProcessor(detector, new());
                using var image = randn(1, 3, 512, 512);
                using var input = channelsLast ? image.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : image.alias();
                var name = detector.Selector is null ? "FCOS with NMS" : "FCOS_PSS end to end";
                SideBySide.Compare($"{name}{(channelsLast ? ", channels last" : "")}, forward and post-processing, 1x3x512x512", () =>
                {
                    using var scope = NewDisposeScope();
                    using var _ = inference_mode();
                    postProcessor.Process(network.call(input), [(512, 512)]);
                }, peer, rounds: 7, warmUp: 1);
            }
        }
    }

    /// <summary>One training step at 2x3x256x256.</summary>
    public static void Train(string[] arguments)
    {
        set_num_threads(Threads);
        using var peer = new PythonPeer("torch_fcos.py", "train", Threads);
        foreach (var detector in (DetectorOptions[])[DetectorOptions.FcosPss(Classes), DetectorOptions.Fcos(Classes)])
        {
            foreach (var channelsLast in (bool[])[false, true])
            {
                using var network = new DetectorNetwork(detector with { Backbone = ResNetOptions.ResNet50.FromScratch() });
                network.train();
                using var optimizer = optim.SGD(network.parameters(), 1e-4, momentum: 0.9, weight_decay: 1e-4);
                var criterion = new DetectorCriterion(detector);
                using var images = randn(2, 3, 256, 256);
                using var input = channelsLast ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : images.alias();
                var name = detector.Selector is null ? "FCOS" : "FCOS_PSS";
                SideBySide.Compare($"{name}{(channelsLast ? ", channels last" : "")}, training step, 2x3x256x256", () =>
                {
                    using var scope = NewDisposeScope();
                    var objects = ObjectBatch.Create(
                        [[10, 10, 120, 90, 60, 100, 250, 240, 20, 180, 50, 210], [30, 20, 200, 200, 5, 5, 25, 30]], [[1, 5, 7], [3, 90]], Classes, CPU);
                    optimizer.zero_grad();
                    criterion.Compute(network.call(input), objects).Total.backward();
                    optimizer.step();
                }, peer, rounds: 7, warmUp: 1);
            }
        }
    }
}
