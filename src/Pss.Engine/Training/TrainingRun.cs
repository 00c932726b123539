using Pss.Engine.Assignment;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
using Pss.Engine.Modeling;
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
    private readonly SGD optimizer;
    private readonly BatchLoader loader;
    private readonly Speedometer speed = new();
    private readonly int stepsPerEpoch;
    private readonly string fingerprint;
    private TrainingCheckpoint position = new(0, 0, 0);

    public TrainingRun(
        DetectorOptions detector, TrainingOptions options, AugmentationOptions augmentation, Resize evaluationSize, ISampleSource source,
        IReadOnlyList<string> classes, ValidationSet? validation, WeightFile? start, IProgress<TrainingProgress>? progress)
    {
        (this.detector, this.options, this.evaluationSize, this.classes) = (detector, options, evaluationSize, classes);
        (this.validation, this.progress) = (validation, progress);
        device = Devices.Choose(options.Device);
        channelsLast = options.ChannelsLast ?? true;
        network = new DetectorNetwork(detector, (ulong)options.Seed);
        if (start is not null)
            LoadStart(network, start);
        network.to(device);
        network.train();
        if (options.Part == TrainedPart.PositiveSampleSelector)
            network.FreezeAllButSelector();
        criterion = new DetectorCriterion(detector);
        parameters = [.. network.parameters().Where(parameter => parameter.requires_grad)];
        optimizer = optim.SGD(parameters, RateAt(0, 0), options.Momentum, weight_decay: options.WeightDecay);
        loader = new BatchLoader(source, new SampleTransform(augmentation), new()
        {
            BatchSize = options.BatchSize,
            Seed = options.Seed,
            Workers = options.Workers,
        });
        stepsPerEpoch = (loader.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;
        // What must be the same for a resumed training to end in the same weights.
        fingerprint = OptionsJson.Write(options with { Device = null, Workers = 1, OutputFolder = null, Resume = false, EvaluateEvery = 0, CheckpointEvery = 0 })
            + OptionsJson.Write(augmentation) + source.Count;
    }

    public DetectorModel ToTheEnd(CancellationToken cancellation)
    {
        Resume();
        while (position.Epoch < options.Schedule.Epochs)
        {
            var steps = Steps(cancellation).GetEnumerator();
            using (steps)
            {
                while (steps.MoveNext())
                {
                    position = position with { StepOfEpoch = position.StepOfEpoch + 1, Step = position.Step + 1 };
                    var last = position.StepOfEpoch == stepsPerEpoch;
                    Report(steps.Current, last ? Evaluate(cancellation) : null);
                    if (options.CheckpointEvery > 0 && position.Step % options.CheckpointEvery == 0 && !last)
                        SaveCheckpoint();
                    StopIf(cancellation);
                }
            }
            position = position with { Epoch = position.Epoch + 1, StepOfEpoch = 0 };
            SaveCheckpoint();
        }
        return Model();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        network.Dispose();
    }

    /// <summary>The optimizer steps that are left of the epoch; the losses and the gradient's norm of each.</summary>
    private IEnumerable<(Dictionary<string, double> Losses, double Norm, double Rate)> Steps(CancellationToken cancellation)
    {
        var accumulated = new List<Dictionary<string, double>>();
        var passes = position.StepOfEpoch * options.Accumulation;
        foreach (var batch in loader.Epoch(position.Epoch, passes, cancellation))
        {
            using (batch)
            {
                var ofStep = Math.Min(options.Accumulation, loader.BatchesPerEpoch - position.StepOfEpoch * options.Accumulation);
                accumulated.Add(Pass(batch, ofStep));
                speed.Count(batch.Count);
                if (accumulated.Count < ofStep)
                    continue;
            }
            var rate = RateAt(position.Step, position.Epoch);
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = rate;
            var norm = nn.utils.clip_grad_norm_(parameters, options.GradientClip);
            using (var scope = NewDisposeScope())
                optimizer.step();
            optimizer.zero_grad();
            var losses = accumulated[0].Keys.ToDictionary(name => name, name => accumulated.Average(pass => pass[name]));
            accumulated.Clear();
            yield return (losses, norm, rate);
        }
    }

    /// <summary>One forward and backward pass; its gradient is added to what is there.</summary>
    private Dictionary<string, double> Pass(TrainingBatch batch, int passesOfStep)
    {
        using var scope = NewDisposeScope();
        var sizes = Array.ConvertAll(batch.Sizes, size => (size.Width, size.Height));
        var images = NetworkInput.Create(batch.Pixels, batch.Width, batch.Height, sizes, detector.Pixels, device, channelsLast);
        var (boxes, labels) = ByImage(batch);
        var objects = ObjectBatch.Create(boxes, labels, detector.Classes, device, sizes);
        var losses = criterion.Compute(network.call(images), objects);
        var named = Named(losses);
        if (!named.Values.All(double.IsFinite))
            throw new DivergedException(position.Epoch, position.Step, string.Join(", ", named.Select(loss => $"{loss.Key} {loss.Value}")), batch.SampleIndices);
        (losses.Total / passesOfStep).backward();
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

    private void Report((Dictionary<string, double> Losses, double Norm, double Rate) step, EpochEvaluation? evaluation)
    {
        var total = (long)stepsPerEpoch * options.Schedule.Epochs;
        var imagesLeft = (double)(total - position.Step) * options.NominalBatch;
        var report = new TrainingProgress(
            position.Epoch, options.Schedule.Epochs, position.Step, total, step.Rate, step.Losses, step.Norm, speed.ImagesPerSecond,
            TimeSpan.FromSeconds(speed.ImagesPerSecond > 0 ? imagesLeft / speed.ImagesPerSecond : 0), evaluation);
        if (options.OutputFolder is { } folder)
            TrainingLog.Append(Path.Combine(folder, TrainingLog.FileName), report);
        progress?.Report(report);
    }

    private EpochEvaluation? Evaluate(CancellationToken cancellation)
    {
        var due = options.EvaluateEvery > 0 && (position.Epoch + 1) % options.EvaluateEvery == 0;
        if (validation is null || options.EvaluateEvery == 0 || (!due && position.Epoch + 1 < options.Schedule.Epochs))
            return null;
        var result = DetectorEvaluation.Run(network, device, evaluationSize, validation.Truth, validation.Load, cancellation);
        speed.Continue();
        return new(result.EndToEnd?.Summary.AP, result.EndToEnd?.Summary.AP50, result.OneToMany.Summary.AP, result.OneToMany.Summary.AP50);
    }

    private void Resume()
    {
        if (options.OutputFolder is not { } folder)
            return;
        Directory.CreateDirectory(folder);
        if (options.Resume && File.Exists(CheckpointPath))
            position = TrainingCheckpoint.Load(CheckpointPath, network, optimizer, fingerprint);
        else
            File.Delete(Path.Combine(folder, TrainingLog.FileName));
    }

    private void SaveCheckpoint()
    {
        if (options.OutputFolder is not null)
            position.Save(CheckpointPath, Model(), optimizer, fingerprint);
    }

    private void StopIf(CancellationToken cancellation)
    {
        if (!cancellation.IsCancellationRequested)
            return;
        SaveCheckpoint();
        throw new OperationCanceledException(options.OutputFolder is null
            ? "The training was cancelled; without an output folder nothing of it is kept."
            : $"The training was cancelled after step {position.Step}: run it again with Resume to go on from {CheckpointPath}.", cancellation);
    }

    private string CheckpointPath => Path.Combine(options.OutputFolder!, TrainingCheckpoint.FileName);

    private DetectorModel Model() => new(detector, classes, evaluationSize, NetworkWeights.Save(network));

    /// <summary>Loads weights that may lack whole parts of the network, such as a backbone's or a base detector's: those keep what was drawn.</summary>
    private static void LoadStart(DetectorNetwork network, WeightFile start)
    {
        var parts = start.Tensors.Select(array => PartOf(array.Name)).ToHashSet(StringComparer.Ordinal);
        NetworkWeights.Load(network, start, optional: name => !parts.Contains(PartOf(name)) && PartOf(name) != "backbone");

        static string PartOf(string name) => name.Split('.')[0];
    }
}
