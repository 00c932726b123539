using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
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
    private readonly DetectorOptions _detector;
    private readonly Resize _evaluationSize;
    private readonly TrainingOptions _options;
    private readonly LearningRateSchedule _schedule;
    private readonly IReadOnlyList<string> _classes;
    private readonly DetectionDataset? _validation;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly Device _device;
    private readonly DenseDetector _network;
    private readonly TrainingStep _step;
    private readonly Parameter[] _parameters;
    private readonly SgdOptimizer _optimizer;
    private readonly BatchLoader _loader;
    private readonly ThroughputMeter _speed = new();
    private readonly int _stepsPerEpoch;
    private readonly string _fingerprint;
    private readonly ISampleSource _source;
    private TrainingCheckpoint _position = new(0, 0, 0, null);

    public TrainingRun(
        DetectorOptions detector, TrainingOptions options, AugmentationOptions augmentation, Resize evaluationSize, ISampleSource source,
        IReadOnlyList<string> classes, DetectionDataset? validation, WeightFile? start, IProgress<TrainingProgress>? progress)
    {
        (_detector, _options, _evaluationSize, _classes) = (detector, options, evaluationSize, classes);
        (_source, _validation, _progress) = (source, validation, progress);
        _device = Devices.Choose(options.Device);
        _loader = new BatchLoader(source, new SampleTransform(augmentation), new()
        {
            BatchSize = options.BatchSize,
            Seed = options.Seed,
            Workers = options.Workers,
            Epochs = options.Schedule.Epochs,
            RepeatThreshold = options.RepeatThreshold,
            BackgroundRatio = options.BackgroundRatio,
        });
        _network = Build(detector, options, start, _device);
        _step = new TrainingStep(_network, _device, options.ChannelsLast ?? true, Names);
        _parameters = [.. _network.parameters().Where(parameter => parameter.requires_grad)];
        _optimizer = new SgdOptimizer(_parameters, options.Momentum, options.WeightDecay);
        _stepsPerEpoch = (_loader.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;
        _schedule = options.Schedule.WithWarmUpFor((long)_stepsPerEpoch * options.Schedule.Epochs);
        _fingerprint = TrainingFingerprint.Create(options, augmentation, source.Count);
    }

    public DetectorModel Run(CancellationToken cancellationToken)
    {
        Resume();
        while (_position.Epoch < _options.Schedule.Epochs)
        {
            foreach (var step in Steps())
            {
                _position = _position with { StepOfEpoch = _position.StepOfEpoch + 1, Step = _position.Step + 1, Unreported = null };
                var report = ReportOf(step);
                // The last step of an epoch is reported with the evaluation; a stop until then must not lose it.
                if (_position.StepOfEpoch == _stepsPerEpoch)
                {
                    _position = _position with { Unreported = report };
                    break;
                }
                Report(report);
                if (_options.CheckpointEvery > 0 && _position.Step % _options.CheckpointEvery == 0)
                    SaveCheckpoint();
                StopIf(cancellationToken);
            }
            EndEpoch(cancellationToken);
        }
        return Model();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _network.Dispose();
    }

    /// <summary>
    /// The optimizer steps that are left of the epoch; the losses and the gradient's norm of each. Not to be stopped between the passes of
    /// a step: the statistics of batch normalization move with each pass.
    /// </summary>
    private IEnumerable<(Dictionary<string, double> Losses, double Norm, double Rate)> Steps()
    {
        var first = _position.StepOfEpoch * _options.Accumulation;
        if (first >= _loader.BatchesPerEpoch)
            yield break;
        var passes = new List<TrainingBatch>();
        try
        {
            foreach (var batch in _loader.Epoch(_position.Epoch, first))
            {
                passes.Add(batch);
                _speed.Count(batch.Count);
                if (passes.Count < Math.Min(_options.Accumulation, _loader.BatchesPerEpoch - _position.StepOfEpoch * _options.Accumulation))
                    continue;
                var rate = RateAt(_position.Step, _position.Epoch);
                var losses = AccumulateGradients(passes);
                var norm = Update(rate, losses, [.. passes.SelectMany(pass => pass.SampleIndices)]);
                Release(passes);
                yield return (losses, norm, rate);
            }
        }
        finally
        {
            Release(passes);
        }
    }

    private static void Release(List<TrainingBatch> passes)
    {
        foreach (var batch in passes)
            batch.Dispose();
        passes.Clear();
    }

    /// <summary>The gradient of a step; returns its losses.</summary>
    private Dictionary<string, double> AccumulateGradients(List<TrainingBatch> passes)
    {
        using var scope = NewDisposeScope();
        var ofStep = _step.Normalizers(passes);
        var losses = new Dictionary<string, double>();
        foreach (var batch in passes)
        {
            var ofPass = _step.Pass(batch, ofStep);
            if (!ofPass.Values.All(double.IsFinite))
                throw Diverged("loss", ofPass, batch.SampleIndices);
            foreach (var (name, value) in ofPass)
                losses[name] = losses.GetValueOrDefault(name) + value;
        }
        return losses;
    }

    /// <summary>The optimizer's step; returns the norm of the gradient.</summary>
    private double Update(double rate, Dictionary<string, double> losses, IReadOnlyList<int> samples)
    {
        using var scope = NewDisposeScope();
        var norm = nn.utils.clip_grad_norm_(_parameters, _options.GradientClip);
        if (!double.IsFinite(norm))
            throw Diverged($"gradient {norm}", losses, samples);
        _optimizer.Step(rate);
        _optimizer.ClearGradients();
        return norm;
    }

    private double RateAt(long step, int epoch)
        => _options.LearningRate * _options.NominalBatch / _options.ReferenceBatch * _schedule.FactorAt(step, epoch);

    private TrainingProgress ReportOf((Dictionary<string, double> Losses, double Norm, double Rate) step)
    {
        var total = (long)_stepsPerEpoch * _options.Schedule.Epochs;
        var imagesLeft = (double)(total - _position.Step) * _options.NominalBatch;
        return new(
            _position.Epoch, _options.Schedule.Epochs, _position.Step, total, step.Rate, step.Losses, step.Norm, _speed.ImagesPerSecond,
            TimeSpan.FromSeconds(_speed.ImagesPerSecond > 0 ? imagesLeft / _speed.ImagesPerSecond : 0), null);
    }

    private void Report(TrainingProgress report)
    {
        if (_options.OutputFolder is not null)
            TrainingLog.Append(LogPath, report);
        _progress?.Report(report);
    }

    private void EndEpoch(CancellationToken cancellationToken)
    {
        var report = _position.Unreported!;
        if (EvaluationIsDue())
        {
            // An evaluation may take long: whatever ends it costs no more than itself.
            SaveCheckpoint();
            StopIf(cancellationToken, saved: true);
            report = report with { Evaluation = Evaluate(cancellationToken) };
            KeepIfBest(report.Evaluation);
        }
        Report(report);
        _position = _position with { Epoch = _position.Epoch + 1, StepOfEpoch = 0, Unreported = null };
        SaveCheckpoint();
        if (_position.Epoch < _options.Schedule.Epochs)
            StopIf(cancellationToken, saved: true);
    }

    /// <summary>Keeps the detector of the epoch with the highest AP beside the checkpoint.</summary>
    private void KeepIfBest(EpochEvaluation evaluation)
    {
        var ap = evaluation.EndToEndAp ?? evaluation.OneToManyAp;
        if (_options.OutputFolder is null || !(ap >= 0) || ap <= _position.BestAp)
            return;
        _position = _position with { BestAp = ap };
        Model().Save(Path.Combine(_options.OutputFolder, TrainingOptions.BestFileName));
    }

    private bool EvaluationIsDue() => _validation is not null && _options.EvaluateEvery > 0
        && ((_position.Epoch + 1) % _options.EvaluateEvery == 0 || _position.Epoch + 1 == _options.Schedule.Epochs);

    private EpochEvaluation Evaluate(CancellationToken cancellationToken)
    {
        try
        {
            var result = DetectorEvaluation.Run(_network, _device, _evaluationSize, _validation!, cancellationToken);
            _speed.Continue();
            var (single, many) = (result.EndToEnd?.Summary, result.OneToMany.Summary);
            return new(single?.AP, single?.AP50, many.AP, many.AP50)
            {
                EndToEndAr = single?.AR100,
                OneToManyAr = many.AR100,
                EndToEndMaskAp = result.EndToEndMasks?.Summary.AP,
                OneToManyMaskAp = result.OneToManyMasks?.Summary.AP,
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw Canceled(cancellationToken);
        }
    }

    private void Resume()
    {
        if (_options.OutputFolder is not { } folder)
            return;
        // The first checkpoint may be an epoch away.
        AtomicFile.RequireWritable(folder);
        if (_options.Resume && File.Exists(CheckpointPath))
        {
            _position = TrainingCheckpoint.Load(CheckpointPath, _network, _optimizer, _fingerprint);
            TrainingLog.Shorten(LogPath, _position.Unreported is null ? _position.Step : _position.Step - 1);
        }
        else
        {
            File.Delete(LogPath);
            File.Delete(Path.Combine(folder, TrainingOptions.BestFileName));
        }
    }

    private void SaveCheckpoint()
    {
        if (_options.OutputFolder is not null)
            _position.Save(CheckpointPath, Model(), _optimizer, _fingerprint);
    }

    private void StopIf(CancellationToken cancellationToken, bool saved = false)
    {
        if (!cancellationToken.IsCancellationRequested)
            return;
        if (!saved)
            SaveCheckpoint();
        throw Canceled(cancellationToken);
    }

    private OperationCanceledException Canceled(CancellationToken cancellationToken) => new(
        _options.OutputFolder is null
            ? "The training was canceled; without an output folder nothing of it is kept."
            : $"The training was canceled after step {_position.Step}: run it again with Resume to go on from {CheckpointPath}.",
        cancellationToken);

    private DivergedException Diverged(string what, Dictionary<string, double> losses, IReadOnlyList<int> samples)
        => new(_position.Epoch, _position.Step, what, losses, samples, Names(samples));

    private string Names(IEnumerable<int> samples) => string.Join(", ", samples.Select(_source.NameOf));

    private string LogPath => Path.Combine(_options.OutputFolder!, TrainingLog.FileName);

    private string CheckpointPath => Path.Combine(_options.OutputFolder!, TrainingCheckpoint.FileName);

    private DetectorModel Model() => new(_detector, _classes, _evaluationSize, NetworkWeights.Save(_network));

    private static DenseDetector Build(DetectorOptions detector, TrainingOptions options, WeightFile? start, Device device)
    {
        var network = detector.Build((ulong)options.Seed);
        try
        {
            if (start is not null)
                LoadStart(network, start);
            network.to(device);
            network.train();
            if (options.SelectorOnly)
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
    /// Loads weights that may lack whole parts of the network: pyramid, selector, a tower or predictor of the head, the offsets of deformable
    /// convolutions. Those keep what was drawn.
    /// </summary>
    private static void LoadStart(DenseDetector network, WeightFile start)
    {
        var parts = start.Tensors.Select(array => PartOf(array.Name)).ToHashSet(StringComparer.Ordinal);
        NetworkWeights.Load(network, start, optional: name => !parts.Contains(PartOf(name)) && PartOf(name) != "backbone");

        static string PartOf(string name) => name.Contains(".offsets.", StringComparison.Ordinal) ? "offsets"
            : string.Join('.', name.Split('.').Take(name.StartsWith("head.", StringComparison.Ordinal) ? 2 : 1));
    }
}
