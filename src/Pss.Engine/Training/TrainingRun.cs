using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>One training from start or checkpoint to its end.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly DetectorOptions detector;
    private readonly Resize evaluationSize;
    private readonly TrainingOptions options;
    private readonly IReadOnlyList<string> classes;
    private readonly ValidationSet? validation;
    private readonly IProgress<TrainingProgress>? progress;
    private readonly Device device;
    private readonly bool channelsLast;
    private readonly DetectorNetwork network;
    private readonly DetectorCriterion criterion;
    private readonly Parameter[] parameters;
    private readonly SgdOptimizer optimizer;
    private readonly BatchLoader loader;
    private readonly ThroughputMeter speed = new();
    private readonly int stepsPerEpoch;
    private readonly string fingerprint;
    private readonly ISampleSource source;
    private TrainingCheckpoint position = new(0, 0, 0, null);

    public TrainingRun(
        DetectorOptions detector, TrainingOptions options, AugmentationOptions augmentation, Resize evaluationSize, ISampleSource source,
        IReadOnlyList<string> classes, ValidationSet? validation, WeightFile? start, IProgress<TrainingProgress>? progress)
    {
        (this.detector, this.options, this.evaluationSize, this.classes) = (detector, options, evaluationSize, classes);
        (this.source, this.validation, this.progress) = (source, validation, progress);
        device = Devices.Choose(options.Device);
        channelsLast = options.ChannelsLast ?? true;
        criterion = new DetectorCriterion(detector);
        loader = new BatchLoader(source, new SampleTransform(augmentation), new()
        {
            BatchSize = options.BatchSize,
            Seed = options.Seed,
            Workers = options.Workers,
        });
        network = Build(detector, options, start, device);
        parameters = [.. network.parameters().Where(parameter => parameter.requires_grad)];
        optimizer = new SgdOptimizer(parameters, options.Momentum, options.WeightDecay);
        stepsPerEpoch = (loader.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;
        // What must be the same for a resumed training to end in the same weights.
        fingerprint = OptionsJson.Write(options with { Device = null, Workers = 1, OutputFolder = null, Resume = false, EvaluateEvery = 0, CheckpointEvery = 0 })
            + OptionsJson.Write(augmentation) + source.Count;
    }

    public DetectorModel Run(CancellationToken cancellation)
    {
        Resume();
        while (position.Epoch < options.Schedule.Epochs)
        {
            foreach (var step in Steps())
            {
                position = new(position.Epoch, position.StepOfEpoch + 1, position.Step + 1, null);
                var report = ReportOf(step);
                // The last step of an epoch is reported with the evaluation; a stop until then must not lose it.
                if (position.StepOfEpoch == stepsPerEpoch)
                {
                    position = position with { Unreported = report };
                    break;
                }
                Report(report);
                if (options.CheckpointEvery > 0 && position.Step % options.CheckpointEvery == 0)
                    SaveCheckpoint();
                StopIf(cancellation);
            }
            EndEpoch(cancellation);
        }
        return Model();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        network.Dispose();
    }

    /// <summary>
    /// The optimizer steps that are left of the epoch; the losses and the gradient's norm of each. Not to be stopped between the passes of
    /// a step: the statistics of batch normalization move with each pass.
    /// </summary>
    private IEnumerable<(Dictionary<string, double> Losses, double Norm, double Rate)> Steps()
    {
        var passes = new List<Dictionary<string, double>>();
        var samples = new List<int>();
        var first = position.StepOfEpoch * options.Accumulation;
        if (first >= loader.BatchesPerEpoch)
            yield break;
        foreach (var batch in loader.Epoch(position.Epoch, first))
        {
            using (batch)
            {
                var ofStep = Math.Min(options.Accumulation, loader.BatchesPerEpoch - position.StepOfEpoch * options.Accumulation);
                passes.Add(Pass(batch, ofStep));
                samples.AddRange(batch.SampleIndices);
                speed.Count(batch.Count);
                if (passes.Count < ofStep)
                    continue;
            }
            var losses = passes[0].Keys.ToDictionary(name => name, name => passes.Average(pass => pass[name]));
            var rate = RateAt(position.Step, position.Epoch);
            yield return (losses, Update(rate, losses, samples), rate);
            passes.Clear();
            samples.Clear();
        }
    }

    /// <summary>The optimizer's step; returns the norm of the gradient.</summary>
    private double Update(double rate, Dictionary<string, double> losses, IReadOnlyList<int> samples)
    {
        using var scope = NewDisposeScope();
        var norm = nn.utils.clip_grad_norm_(parameters, options.GradientClip);
        if (!double.IsFinite(norm))
            throw Diverged($"gradient {norm}", losses, samples);
        optimizer.Step(rate);
        optimizer.ClearGradients();
        return norm;
    }

    /// <summary>One forward and backward pass; its gradient is added to what is there.</summary>
    private Dictionary<string, double> Pass(TrainingBatch batch, int passesOfStep)
    {
        using var scope = NewDisposeScope();
        var sizes = Array.ConvertAll(batch.Sizes, size => (size.Width, size.Height));
        var images = NetworkInput.Create(batch.Pixels, batch.Width, batch.Height, sizes, detector.Pixels, device, channelsLast);
        var losses = criterion.Compute(network.call(images), Objects(batch, sizes));
        var named = Named(losses);
        if (!named.Values.All(double.IsFinite))
            throw Diverged("loss", named, batch.SampleIndices);
        losses.Total.Over(passesOfStep).backward();
        return named;
    }

    /// <summary>The losses by name, in one copy off the device.</summary>
    private static Dictionary<string, double> Named(DetectorLosses losses)
    {
        (string Name, Tensor? Value)[] all =
        [
            ("classification", losses.Classification), ("box", losses.Box), ("centerness", losses.Centerness), ("selector", losses.Selector),
            ("ranking", losses.Ranking), ("total", losses.Total),
        ];
        var present = all.Where(loss => loss.Value is not null).ToArray();
        var values = stack(present.Select(loss => loss.Value!.detach())).ToHost<float>();
        return present.Zip(values).ToDictionary(pair => pair.First.Name, pair => (double)pair.Second);
    }

    private BatchTargets Objects(TrainingBatch batch, (int Width, int Height)[] sizes)
    {
        var (boxes, labels) = ByImage(batch);
        try
        {
            return BatchTargets.Create(boxes, labels, detector.Classes, device, sizes);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"Training images {Names(batch.SampleIndices)}: {fault.Message}", fault);
        }
    }

    private static (float[][] Boxes, int[][] Labels) ByImage(TrainingBatch batch)
    {
        var (boxes, labels) = (new float[batch.Count][], new int[batch.Count][]);
        var first = 0;
        for (var image = 0; image < batch.Count; image++)
        {
            var end = first;
            while (end < batch.ImageOfObject.Length && batch.ImageOfObject[end] == image)
                end++;
            (boxes[image], labels[image]) = (batch.Boxes[(4 * first)..(4 * end)], batch.Labels[first..end]);
            first = end;
        }
        return (boxes, labels);
    }

    private double RateAt(long step, int epoch)
        => options.LearningRate * options.NominalBatch / options.ReferenceBatch * options.Schedule.FactorAt(step, epoch);

    private TrainingProgress ReportOf((Dictionary<string, double> Losses, double Norm, double Rate) step)
    {
        var total = (long)stepsPerEpoch * options.Schedule.Epochs;
        var imagesLeft = (double)(total - position.Step) * options.NominalBatch;
        return new(
            position.Epoch, options.Schedule.Epochs, position.Step, total, step.Rate, step.Losses, step.Norm, speed.ImagesPerSecond,
            TimeSpan.FromSeconds(speed.ImagesPerSecond > 0 ? imagesLeft / speed.ImagesPerSecond : 0), null);
    }

    private void Report(TrainingProgress report)
    {
        if (options.OutputFolder is not null)
            TrainingLog.Append(LogPath, report);
        progress?.Report(report);
    }

    private void EndEpoch(CancellationToken cancellation)
    {
        var report = position.Unreported!;
        if (EvaluationIsDue())
        {
            // An evaluation may take long: whatever ends it costs no more than itself.
            SaveCheckpoint();
            StopIf(cancellation, saved: true);
            report = report with { Evaluation = Evaluate(cancellation) };
        }
        Report(report);
        position = new(position.Epoch + 1, 0, position.Step, null);
        SaveCheckpoint();
        if (position.Epoch < options.Schedule.Epochs)
            StopIf(cancellation, saved: true);
    }

    private bool EvaluationIsDue() => validation is not null && options.EvaluateEvery > 0
        && ((position.Epoch + 1) % options.EvaluateEvery == 0 || position.Epoch + 1 == options.Schedule.Epochs);

    private EpochEvaluation Evaluate(CancellationToken cancellation)
    {
        try
        {
            var result = DetectorEvaluation.Run(network, device, evaluationSize, validation!.Truth, validation.Load, cancellation);
            speed.Continue();
            return new(result.EndToEnd?.Summary.AP, result.EndToEnd?.Summary.AP50, result.OneToMany.Summary.AP, result.OneToMany.Summary.AP50);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw Canceled(cancellation);
        }
    }

    private void Resume()
    {
        if (options.OutputFolder is not { } folder)
            return;
        // The first checkpoint may be an epoch away.
        AtomicFile.RequireWritable(folder);
        if (options.Resume && File.Exists(CheckpointPath))
        {
            position = TrainingCheckpoint.Load(CheckpointPath, network, optimizer, fingerprint);
            TrainingLog.Shorten(LogPath, position.Unreported is null ? position.Step : position.Step - 1);
        }
        else
        {
            File.Delete(LogPath);
        }
    }

    private void SaveCheckpoint()
    {
        if (options.OutputFolder is not null)
            position.Save(CheckpointPath, Model(), optimizer, fingerprint);
    }

    private void StopIf(CancellationToken cancellation, bool saved = false)
    {
        if (!cancellation.IsCancellationRequested)
            return;
        if (!saved)
            SaveCheckpoint();
        throw Canceled(cancellation);
    }

    private OperationCanceledException Canceled(CancellationToken cancellation) => new(
        options.OutputFolder is null
            ? "The training was canceled; without an output folder nothing of it is kept."
            : $"The training was canceled after step {position.Step}: run it again with Resume to go on from {CheckpointPath}.",
        cancellation);

    private DivergedException Diverged(string what, Dictionary<string, double> losses, IReadOnlyList<int> samples)
        => new(position.Epoch, position.Step, what, losses, samples, Names(samples));

    private string Names(IEnumerable<int> samples) => string.Join(", ", samples.Select(source.NameOf));

    private string LogPath => Path.Combine(options.OutputFolder!, TrainingLog.FileName);

    private string CheckpointPath => Path.Combine(options.OutputFolder!, TrainingCheckpoint.FileName);

    private DetectorModel Model() => new(detector, classes, evaluationSize, NetworkWeights.Save(network));

    private static DetectorNetwork Build(DetectorOptions detector, TrainingOptions options, WeightFile? start, Device device)
    {
        var network = new DetectorNetwork(detector, (ulong)options.Seed);
        try
        {
            if (start is not null)
                LoadStart(network, start);
            network.to(device);
            network.train();
            if (options.Part == TrainedPart.PositiveSampleSelector)
                network.FreezeAllButSelector();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Loads weights that may lack whole parts of the network: pyramid, selector, a tower or predictor of the head. Those keep what was drawn.
    /// </summary>
    private static void LoadStart(DetectorNetwork network, WeightFile start)
    {
        var parts = start.Tensors.Select(array => PartOf(array.Name)).ToHashSet(StringComparer.Ordinal);
        NetworkWeights.Load(network, start, optional: name => !parts.Contains(PartOf(name)) && PartOf(name) != "backbone");

        static string PartOf(string name) => string.Join('.', name.Split('.').Take(name.StartsWith("head.", StringComparison.Ordinal) ? 2 : 1));
    }
}
