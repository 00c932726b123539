using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Training;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>FCOS_PSS, its selector included, against torchvision's FCOS: the same shapes, classes, threads and libtorch, taking turns.</summary>
internal static class FcosBenchmarks
{
    private const int Threads = 2;
    private const int Classes = 91;
    private const int BloodCellImages = 205;

    /// <summary>76 epochs of batches of 8.</summary>
    private const int PeerSteps = 1_976;

    /// <summary>Forward pass and post-processing at 1x3x512x512.</summary>
    public static void Detect(string[] arguments)
    {
        set_num_threads(Threads);
        using var peer = new PythonPeer("torch_fcos.py", "detect", Threads);
        foreach (var detector in (DetectorOptions[])[DetectorOptions.FcosPss(Classes), DetectorOptions.Fcos(Classes)])
        {
            foreach (var channelsLast in (bool[])[false, true])
            {
                using var network = detector.Build();
                network.eval();
                network.FoldBatchNorm();
                if (channelsLast)
                    network.UseChannelsLast();
                network.UseWinograd();
                var postProcessor = new PostProcessor(network, new());
                using var image = randn(1, 3, 512, 512);
                using var input = channelsLast ? image.ToChannelsLast() : image.alias();
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

    /// <summary>One training step: ResNet-50 at 2x3x256x256; then what trains on blood cells, ResNet-18 at 8x3x256x320 from nothing and at 4x3x256x320 from ImageNet
    /// weights, and what the steps of the latter training take beside those of torchvision's from nothing.</summary>
    public static void Train(string[] arguments)
    {
        set_num_threads(Threads);
        using (var peer = new PythonPeer("torch_fcos.py", "train", Threads))
        {
            foreach (var detector in (DetectorOptions[])[DetectorOptions.FcosPss(Classes), DetectorOptions.Fcos(Classes)])
            {
                foreach (var channelsLast in (bool[])[false, true])
                {
                    TrainingStep(detector with { Backbone = ResNetOptions.ResNet50.FromScratch() }, [2, 3, 256, 256], channelsLast, peer,
                        [[10, 10, 120, 90, 60, 100, 250, 240, 20, 180, 50, 210], [30, 20, 200, 200, 5, 5, 25, 30]], [[1, 5, 7], [3, 90]]);
                }
            }
        }

        using var smallPeer = new PythonPeer("torch_fcos.py", "train_small", Threads);
        var small = TrainingRecipe.FromScratch(classes: 3, images: 205).Detector;
        float[] boxes = [.. Enumerable.Range(0, 14).SelectMany(i => new float[] { 10 + 40 * (i % 7), 20 + 100 * (i / 7), 45 + 40 * (i % 7), 100 + 100 * (i / 7) })];
        int[] labels = [.. Enumerable.Range(0, 14).Select(i => i % 3)];
        foreach (var detector in (DetectorOptions[])[small, small with { Selector = null }])
            TrainingStep(detector, [8, 3, 256, 320], channelsLast: true, smallPeer, [.. Enumerable.Repeat(boxes, 8)], [.. Enumerable.Repeat(labels, 8)]);

        var pretrained = TrainingRecipe.Pretrained(classes: 3, BloodCellImages);
        var batch = pretrained.Training.BatchSize;
        var steps = pretrained.Training.Schedule.Epochs * ((BloodCellImages + batch - 1) / batch);
        var ratio = TrainingStep(pretrained.Detector, [batch, 3, 256, 320], channelsLast: true, smallPeer, [.. Enumerable.Repeat(boxes, batch)], [.. Enumerable.Repeat(labels, batch)]);
        Console.WriteLine($"blood cells, {steps} steps from ImageNet weights to torchvision's {PeerSteps} from nothing: ratio {ratio * steps / PeerSteps:F3}");
    }

    private static double TrainingStep(DetectorOptions detector, long[] shape, bool channelsLast, PythonPeer peer, float[][] boxes, int[][] labels)
    {
        using var network = detector.Build();
        if (channelsLast)
        {
            network.UseChannelsLast();
            network.UseWinogradInTraining();
        }
        network.train();
        var trained = network.parameters().Where(parameter => parameter.requires_grad).ToArray();
        using var optimizer = new SgdOptimizer([.. trained.Select(parameter => new TrainedParameter(parameter, 1, 1e-4))], momentum: 0.9);
        using var images = randn(shape);
        using var input = channelsLast ? images.ToChannelsLast() : images.alias();
        var name = detector.Selector is null ? "FCOS" : "FCOS_PSS";
        return SideBySide.Compare($"{name}{(channelsLast ? ", channels last and minimal filtering" : "")}, training step, {string.Join("x", shape)}", () =>
        {
            using var scope = NewDisposeScope();
            var objects = BatchTargets.Create(boxes, labels, detector.Classes, CPU);
            optimizer.ClearGradients();
            network.Losses(network.call(input), objects).Total.backward();
            GradientClip.Apply(trained, 35);
            optimizer.Step(1e-4);
        }, peer, rounds: 7, warmUp: 1);
    }
}
