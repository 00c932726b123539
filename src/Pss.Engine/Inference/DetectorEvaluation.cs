using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Distributed;
using Pss.Engine.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Inference;

/// <summary>Runs a network over annotated images and evaluates both of its outputs, from one forward pass each.</summary>
/// <param name="EndToEnd">The output without NMS; null for a detector that needs NMS.</param>
/// <param name="OneToMany">The base detector's output with NMS.</param>
/// <param name="EndToEndDetections">The detections behind <paramref name="EndToEnd"/>, image by image.</param>
/// <param name="OneToManyDetections">The detections behind <paramref name="OneToMany"/>, image by image.</param>
public sealed record DetectorEvaluation(
    CocoEvaluation? EndToEnd, CocoEvaluation OneToMany,
    IReadOnlyList<IReadOnlyList<Detection>>? EndToEndDetections, IReadOnlyList<IReadOnlyList<Detection>> OneToManyDetections)
{
    private const int BatchSize = 8;
    private const int DefaultMaxDetections = 100;

    /// <summary>The same by the overlap of masks, of a detector that predicts them on images whose objects all have one; else null.</summary>
    public CocoEvaluation? EndToEndMasks { get; init; }

    /// <summary>The same by the overlap of masks; else null.</summary>
    public CocoEvaluation? OneToManyMasks { get; init; }

    /// <summary>Evaluates a stored detector.</summary>
    /// <param name="model">The detector.</param>
    /// <param name="truth">The annotated images.</param>
    /// <param name="deviceName">"cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="maxDetections">Most detections of an image, and of an image and category in the metrics (the last limit of COCO's).</param>
    /// <exception cref="ArgumentException">The annotations' classes are not the detector's, or in another order.</exception>
    /// <exception cref="InvalidDataException">An image cannot be loaded; the message names it.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public static DetectorEvaluation Run(
        DetectorModel model, DetectionDataset truth, string? deviceName = null, CancellationToken cancellationToken = default, int maxDetections = DefaultMaxDetections)
    {
        truth.RequireImages();
        truth.CheckClasses(model.Classes);
        var device = Devices.Choose(deviceName);
        using var scope = NewDisposeScope();
        using var network = model.Build();
        network.FoldBatchNorm();
        network.to(device);
        network.UseChannelsLast();
        return Run(network, device, model.Resize, truth, cancellationToken, maxDetections);
    }

    /// <summary>Evaluates a network as it stands; it is left in the mode it was in. Several processes share the batches, and each gets all detections.</summary>
    internal static DetectorEvaluation Run(
        DenseDetector network, Device device, Resize resize, DetectionDataset truth, CancellationToken cancellationToken, int maxDetections = DefaultMaxDetections,
        Communicator? communicator = null)
    {
        var wasTraining = network.training;
        network.eval();
        try
        {
            var oneToMany = new PostProcessor(network, new() { Mode = DetectionMode.OneToMany, MaxDetections = maxDetections });
            var endToEnd = network.Options.IsEndToEnd ? new PostProcessor(network, new() { Mode = DetectionMode.EndToEnd, MaxDetections = maxDetections }) : null;
            var (single, many) = (new List<IReadOnlyList<Detection>>(), new List<IReadOnlyList<Detection>>());
            foreach (var batch in Ahead(truth, resize, cancellationToken, communicator))
            {
                using var scope = NewDisposeScope();
                using var _ = inference_mode();
                var values = NetworkInput.Create(batch.Pixels, batch.Width, batch.Height, batch.ImageSizes, network.Options.Pixels, device, channelsLast: true);
                var outputs = network.call(values);
                many.AddRange(oneToMany.Process(outputs, batch));
                if (endToEnd is not null)
                    single.AddRange(endToEnd.Process(outputs, batch));
            }
            if (communicator is not null)
                (single, many) = SharedDetections.Exchange(communicator, truth.Images.Count, BatchSize, (single, many), cancellationToken);
            var options = new CocoEvaluatorOptions { MaxDetections = [1, 10, maxDetections] };
            var (boxes, masks) = (new CocoEvaluator(options), new CocoEvaluator(options with { Masks = true }));
            var hasMasks = network.Options.HasMasks && truth.Images.All(image => image.Objects.All(item => item.Mask is not null));
            return new(endToEnd is null ? null : boxes.Evaluate(truth, single), boxes.Evaluate(truth, many), endToEnd is null ? null : single, many)
            {
                EndToEndMasks = hasMasks && endToEnd is not null ? masks.Evaluate(truth, single) : null,
                OneToManyMasks = hasMasks ? masks.Evaluate(truth, many) : null,
            };
        }
        finally
        {
            network.train(wasTraining);
        }
    }

    /// <summary>Prepares the next batch while the network works on the current one.</summary>
    private static IEnumerable<DetectorInput> Ahead(DetectionDataset truth, Resize resize, CancellationToken cancellationToken, Communicator? communicator)
    {
        var count = truth.Images.Count;
        var decoding = ImageDecoding.For(resize);
        var (start, step) = communicator is null ? (0, BatchSize) : (communicator.Rank * BatchSize, communicator.Size * BatchSize);
        var next = Prepare(start);
        for (var first = start; first < count; first += step)
        {
            // Several processes stop together, after the exchange.
            if (communicator is null)
                cancellationToken.ThrowIfCancellationRequested();
            else if (cancellationToken.IsCancellationRequested)
                yield break;
            var current = next.GetAwaiter().GetResult();
            next = Prepare(first + step);
            yield return current;
        }

        Task<DetectorInput> Prepare(int first) => first >= count
            ? Task.FromResult<DetectorInput>(null!)
            : Task.Run(async () => DetectorInput.Create(await Task.WhenAll(
                Enumerable.Range(first, Math.Min(BatchSize, count - first)).Select(i => Task.Run(() => Load(i)))), resize),
                communicator is null ? cancellationToken : CancellationToken.None);

        RgbImage Load(int i)
        {
            try
            {
                return truth.LoadImage(truth.Images[i], decoding);
            }
            catch (Exception fault) when (fault is not (OutOfMemoryException or OperationCanceledException))
            {
                throw new InvalidDataException($"{truth.Name}: image {i} ({truth.Images[i].FileName}) cannot be loaded: {fault.Message}", fault);
            }
        }
    }
}
