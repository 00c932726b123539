using Pss.Engine.Assignment;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Losses;
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
    private readonly TrainingReporter _reporter;
    private readonly Device _device;
    private readonly DenseDetector _network;
    private readonly TrainingStep _step;
    private readonly Parameter[] _parameters;
    private readonly TrainingState _state;
    private readonly BatchLoader _loader;
    private readonly ThroughputMeter _speed = new();
    private readonly int _stepsPerEpoch;
    private readonly long _stepsAtHalfSize;
    private readonly string _fingerprint;
    private readonly ISampleSource _source;
    private readonly DataParallel _processes;
    private TrainingCheckpoint _position = TrainingCheckpoint.Start;
    private IEnumerator<TrainingBatch>? _batches;
    private DetectorModel? _best;

    public TrainingRun(
        DetectorOptions detector, TrainingOptions options, AugmentationOptions augmentation, Resize evaluationSize, ISampleSource source,
        IReadOnlyList<string> classes, DetectionDataset? validation, WeightFile? start, IProgress<TrainingProgress>? progress, DataParallel processes)
    {
        (_detector, _evaluationSize, _classes, _processes) = (detector, evaluationSize, classes, processes);
        (_source, _validation) = (source, validation);
        _reporter = processes.IsFirst ? new(options.OutputFolder, options.TensorBoard, progress) : new(null, false, null);
        _device = processes.Choose(options.Device);
        options = _options = processes.Settle(options, () => AutomaticOptions.Settle(options, detector, augmentation, source, _device, processes.ImagesOf));
        if (options.Precision == Precision.Float16)
            _position = _position with { LossScale = LossScale.Start };
        _loader = new BatchLoader(source, new SampleTransform(augmentation), processes.Share(new()
        {
            BatchSize = options.BatchSize,
            Seed = options.Seed,
            Workers = options.Workers,
            Epochs = options.Schedule.Epochs,
            RepeatThreshold = options.RepeatThreshold,
            BackgroundRatio = options.BackgroundRatio,
        }));
        _network = TrainedNetwork.Build(detector, options, start, _device);
        _state = TrainingState.Create(_network, _device, options);
        _step = new TrainingStep(_network, _device, options.ChannelsLast ?? true, Names, options.Precision!.Value);
        _parameters = [.. _network.parameters().Where(parameter => parameter.requires_grad)];
        _stepsPerEpoch = (_loader.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;
        _stepsAtHalfSize = (long)_stepsPerEpoch * augmentation.HalfSizeEpochs(options.Schedule.Epochs);
        _schedule = options.Schedule.WithWarmUpFor(TotalSteps);
        _fingerprint = TrainingFingerprint.Create(options, augmentation, source.Count);
    }

    public DetectorModel Run(CancellationToken cancellationToken)
    {
        Resume();
        while (!IsOver)
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
                _reporter.Report(report);
                if (_options.CheckpointEvery > 0 && _position.Step % _options.CheckpointEvery == 0)
                    SaveCheckpoint();
                StopIf(cancellationToken);
            }
            EndEpoch(cancellationToken);
        }
        _processes.Wait();
        return _options.ReturnBest ? Best() : Model();
    }

    public void Dispose()
    {
        _batches?.Dispose();
        _state.Dispose();
    }

    /// <summary>
    /// The optimizer steps that are left of the epoch; the losses and the gradient's norm of each. Not to be stopped between the passes of
    /// a step: the statistics of batch normalization move with each pass.
    /// </summary>
    private IEnumerable<(Dictionary<string, double> Losses, double Norm, double Rate)> Steps()
    {
        var passes = new List<TrainingBatch>();
        try
        {
            while (_position.StepOfEpoch < _stepsPerEpoch)
            {
                var first = _position.StepOfEpoch * _options.Accumulation;
                _batches ??= _loader.From(_position.Epoch, Math.Min(first, _loader.BatchesPerEpoch)).GetEnumerator();
                while (passes.Count < Math.Min(_options.Accumulation, _loader.BatchesPerEpoch - first) && _batches.MoveNext())
                    passes.Add(_batches.Current);
                _processes.Align(passes);
                var rate = RateAt(_position.Step, _position.Epoch);
                var (losses, norm) = Step(passes, rate);
                if (_position.Step == _stepsAtHalfSize)
                    _speed.Slow(AugmentationOptions.WorkAtFullSize);
                _speed.Count(passes.Sum(pass => pass.PassIndices.Length));
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

    /// <summary>One optimizer step; returns its losses and the norm of its gradient, which are read last: a GPU works through the whole step meanwhile. A
    /// step that is not finite ends the training, so that what it made of the weights is of no account; with a loss scale it is known before the update, and
    /// left out.</summary>
    private (Dictionary<string, double> Losses, double Norm) Step(List<TrainingBatch> passes, double rate)
    {
        using var scope = NewDisposeScope();
        var scale = _position.LossScale;
        var ofStep = _processes.Normalizers(passes, _step, _device);
        PassLosses[] ofPasses = [.. passes.Select(batch => _step.Pass(batch, ofStep, scale))];
        _processes.Combine(_network, _parameters, passes.Sum(pass => pass.Count));
        scale?.Unscale(_parameters);
        var gradient = GradientClip.Apply(_parameters, _options.GradientClip);
        if (scale is null)
            _state.Step(rate, _position.Step + 1);
        var (losses, norm) = PassLosses.Read(ofPasses, gradient);
        var summed = Sum(losses, passes);
        var overflow = !double.IsFinite(norm);
        if (overflow && scale is not { CanShrink: true })
            throw Diverged($"gradient {norm}", summed, [.. passes.SelectMany(pass => pass.PassIndices)]);
        if (overflow)
            _state.Optimizer.ClearGradients();
        else if (scale is not null)
            _state.Step(rate, _position.Step + 1);
        _position = _position with { LossScale = scale?.Next(overflow) };
        return (summed, overflow ? 0 : norm);
    }

    /// <summary>The losses of a step by those of its passes.</summary>
    private Dictionary<string, double> Sum(Dictionary<string, double>[] ofPasses, List<TrainingBatch> passes)
    {
        var losses = new Dictionary<string, double>();
        foreach (var (own, batch) in ofPasses.Zip(passes))
        {
            var ofPass = _processes.Sum(own);
            if (!ofPass.Values.All(double.IsFinite))
                throw Diverged("loss", ofPass, batch.PassIndices);
            foreach (var (name, value) in ofPass)
                losses[name] = losses.GetValueOrDefault(name) + value;
        }
        return losses;
    }

    private double RateAt(long step, int epoch)
        => _options.LearningRate * _options.NominalBatch / _options.ReferenceBatch * _schedule.FactorAt(step, epoch, TotalSteps);

    private TrainingProgress ReportOf((Dictionary<string, double> Losses, double Norm, double Rate) step)
    {
        var imagesLeft = WorkLeft() * _options.NominalBatch;
        return new(
            _position.Epoch, _options.Schedule.Epochs, _position.Step, TotalSteps, step.Rate, step.Losses, step.Norm, _speed.ImagesPerSecond,
            TimeSpan.FromSeconds(_speed.ImagesPerSecond > 0 ? imagesLeft / _speed.ImagesPerSecond : 0), null)
        {
            Precision = _options.Precision!.Value,
            BatchSize = _options.BatchSize,
        };
    }

    /// <summary>The work that is left, in steps like the last one: one at full size is worth several at half of it.</summary>
    private double WorkLeft()
    {
        var (left, full) = (TotalSteps - _position.Step, TotalSteps - Math.Max(_position.Step, _stepsAtHalfSize));
        return _position.Step <= _stepsAtHalfSize ? left + (AugmentationOptions.WorkAtFullSize - 1) * full : left;
    }

    private void EndEpoch(CancellationToken cancellationToken)
    {
        var report = _position.Unreported!;
        if (EvaluationIsDue())
        {
            // An evaluation may take long: whatever ends it costs no more than itself.
            SaveCheckpoint();
            StopIf(cancellationToken, saved: true);
            report = report with { Evaluation = CompareWithBest(Evaluate(cancellationToken)) };
        }
        _reporter.Report(report);
        _position = _position with { Epoch = _position.Epoch + 1, StepOfEpoch = 0, Unreported = null };
        SaveCheckpoint();
        if (!IsOver)
            StopIf(cancellationToken, saved: true);
    }

    /// <summary>Compares an evaluation with the earlier ones, and keeps the detector of the best.</summary>
    private EpochEvaluation CompareWithBest(EpochEvaluation evaluation)
    {
        var best = _position.Best.After(evaluation, _position.Epoch);
        _position = _position with { Best = best };
        if (best is { Epoch: >= 0, EvaluationsSince: 0 })
        {
            if (_options.OutputFolder is not null && _processes.IsFirst)
                Model().Save(BestPath);
            else if (_options.ReturnBest && _options.OutputFolder is null)
                _best = Model();
        }
        return evaluation with { BestEpoch = best.Epoch >= 0 ? best.Epoch : null, StopsEarly = IsOutOfPatience && _position.Epoch + 1 < _options.Schedule.Epochs };
    }

    private bool IsOutOfPatience => _options.Patience > 0 && _position.Best.EvaluationsSince >= _options.Patience;

    private bool IsOver => _position.Epoch >= _options.Schedule.Epochs || (IsOutOfPatience && _position.StepOfEpoch == 0);

    private DetectorModel Best() => _position.Best.Ap < 0
        ? throw new InvalidOperationException("No epoch of this training has an AP, so that there is no best one: train without ReturnBest, or check the validation images.")
        : _best ?? DetectorModel.Load(BestPath);

    private bool EvaluationIsDue() => _validation is not null && _options.EvaluateEvery > 0
        && ((_position.Epoch + 1) % _options.EvaluateEvery == 0 || _position.Epoch + 1 == _options.Schedule.Epochs);

    private EpochEvaluation Evaluate(CancellationToken cancellationToken)
    {
        try
        {
            var result = DetectorEvaluation.Run(_state.Result, _device, _evaluationSize, _validation!, cancellationToken, communicator: _processes.Communicator);
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
        if (_processes.IsFirst)
            AtomicFile.RequireWritable(folder);
        if (_options.FindCheckpoint() is { } checkpoint)
        {
            _position = TrainingCheckpoint.Load(checkpoint, _state, _fingerprint, _classes);
            if (_options.ReturnBest && _position.Best.Ap >= 0 && !File.Exists(BestPath))
                throw new FileNotFoundException($"{BestPath}, the best epoch so far, is missing: put it back, or go on without ReturnBest.", BestPath);
        }
        else if (_processes.IsFirst)
            File.Delete(BestPath);
        _processes.RequireSame(_position.Step, CheckpointPath);
        _reporter.Shorten(_position.Unreported is null ? _position.Step : _position.Step - 1);
    }

    private void SaveCheckpoint()
    {
        if (_options.OutputFolder is not null && _processes.IsFirst)
            _position.Save(CheckpointPath, Model(), _state, _fingerprint);
    }

    private void StopIf(CancellationToken cancellationToken, bool saved = false)
    {
        if (!_processes.Any(cancellationToken.IsCancellationRequested))
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

    private long TotalSteps => (long)_stepsPerEpoch * _options.Schedule.Epochs;

    private string BestPath => Path.Combine(_options.OutputFolder!, TrainingOptions.BestFileName);

    private string CheckpointPath => Path.Combine(_options.OutputFolder!, TrainingOptions.CheckpointFileName);

    private DetectorModel Model() => new(_detector, _classes, _evaluationSize, NetworkWeights.Save(_state.Result));
}
