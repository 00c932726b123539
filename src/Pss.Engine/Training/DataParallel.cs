using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Distributed;
using Pss.Engine.Inference;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// What the processes of a training exchange so that together they do what one would: each takes its images of every pass, the sums of losses, normalizers
/// and gradients are those of all images. Without a communicator nothing is exchanged.
/// </summary>
/// <param name="communicator">The processes; null for one.</param>
/// <param name="rounded">Whether gradients travel as bfloat16.</param>
internal sealed class DataParallel(Communicator? communicator, bool rounded) : IDisposable
{
    private GradientSum? _gradients;

    /// <summary>The processes; null for one.</summary>
    public Communicator? Communicator => communicator;

    /// <summary>Whether this process writes files and reports.</summary>
    public bool IsFirst => communicator is null || communicator.Rank == 0;

    /// <summary>The device of this process.</summary>
    public Device Choose(string? device) => communicator is null ? Devices.Choose(device) : Devices.Choose(device, communicator.LocalRank);

    /// <summary>The options of a loader that reads this process's images.</summary>
    public BatchLoaderOptions Share(BatchLoaderOptions options)
        => communicator is null ? options : options with { Processes = communicator.Size, Rank = communicator.Rank };

    /// <summary>Images of this process in a pass, at most.</summary>
    public int ImagesOf(int pass) => communicator is null ? pass : (pass + communicator.Size - 1) / communicator.Size;

    /// <summary>Options that process 0 settles for all.</summary>
    public TrainingOptions Settle(TrainingOptions options, Func<TrainingOptions> settle)
    {
        if (communicator is null)
            return settle();
        double[] settled = [-1, 0];
        if (IsFirst)
        {
            options = settle();
            settled = [(double)options.Precision!.Value, options.BatchSize];
        }
        communicator.Max(settled);
        return options with { Precision = (Precision)(int)settled[0], BatchSize = (int)settled[1] };
    }

    /// <summary>Fails unless all processes have the same position.</summary>
    /// <exception cref="InvalidOperationException">They have not.</exception>
    public void RequireSame(long step, string checkpoint)
    {
        if (communicator is null)
            return;
        double[] range = [step, -step];
        communicator.Max(range);
        if (range[0] != -range[1])
        {
            throw new InvalidOperationException(
                $"Not all processes read the same checkpoint (step {-range[1]} to {range[0]}): {checkpoint} must lie on storage that all machines share.");
        }
    }

    /// <summary>Pads the batches of this process to the size that they would have with those of the others.</summary>
    public void Align(List<TrainingBatch> passes)
    {
        if (communicator is null)
            return;
        double[] sizes = [.. passes.SelectMany(pass => (double[])[pass.Height, pass.Width])];
        communicator.Max(sizes);
        for (var i = 0; i < passes.Count; i++)
        {
            var (height, width) = ((int)sizes[2 * i], (int)sizes[2 * i + 1]);
            if (passes[i].Count > 0 && (passes[i].Height, passes[i].Width) != (height, width))
                passes[i] = passes[i].PadTo(height, width);
        }
    }

    /// <summary>The normalizers of all images of a step. The tensors belong to the dispose scope in force.</summary>
    /// <param name="passes">This process's batches.</param>
    /// <param name="step">Computes those of this process.</param>
    /// <param name="device">Where they are needed.</param>
    public LossNormalizers? Normalizers(IReadOnlyList<TrainingBatch> passes, TrainingStep step, Device device)
    {
        if (communicator is null)
            return step.Normalizers(passes);
        TrainingBatch[] own = [.. passes.Where(pass => pass.Count > 0)];
        var values = own.Length == 0 ? new double[LossNormalizers.Number] : step.SumOfNormalizers(own).ToNumbers();
        communicator.Sum(values);
        return LossNormalizers.From(values, device);
    }

    /// <summary>The losses of all images of a pass. A process without an image knows the total alone.</summary>
    public Dictionary<string, double> Sum(Dictionary<string, double> losses)
    {
        const int Most = 32;
        const string Total = "total";
        if (communicator is null)
            return losses;
        string[] names = [Total, .. losses.Keys.Where(name => name != Total)];
        var values = new double[Most];
        for (var i = 0; i < names.Length; i++)
            values[i] = losses.GetValueOrDefault(names[i]);
        communicator.Sum(values);
        // In the order of a single process.
        IEnumerable<string> ordered = losses.Count == 0 ? names : losses.Keys;
        return ordered.ToDictionary(name => name, name => values[Array.IndexOf(names, name)]);
    }

    /// <summary>Gradients and statistics of all images, where each process has those of its own.</summary>
    /// <param name="network">The network.</param>
    /// <param name="parameters">Its trained parameters.</param>
    /// <param name="images">This process's images of the step.</param>
    public void Combine(DenseDetector network, IReadOnlyList<Parameter> parameters, int images)
    {
        if (communicator is null)
            return;
        _gradients ??= new(communicator, parameters, parameters[0].device, rounded);
        _gradients.Run();
        AverageStatistics(network, images);
    }

    /// <summary>Whether something holds in any process.</summary>
    public bool Any(bool here) => communicator is null ? here : communicator.Any(here);

    /// <summary>Waits for the files of process 0.</summary>
    public void Wait() => communicator?.Barrier();

    /// <inheritdoc/>
    public void Dispose() => _gradients?.Dispose();

    /// <summary>The running statistics of batch normalizations, as the mean over the processes by their images.</summary>
    private void AverageStatistics(DenseDetector network, int images)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor[] statistics =
        [
            .. network.modules().OfType<Layers.BatchNorm>().Where(norm => norm.training).SelectMany(norm => (Tensor[])[norm.Statistics.Mean, norm.Statistics.Variance]),
        ];
        if (statistics.Length == 0)
            return;
        float[] values = [.. cat(statistics).ToHost<float>().Select(value => value * images), images];
        communicator!.Sum(values.AsSpan());
        var averages = tensor(values).narrow(0, 0, values.Length - 1).Over(values[^1]).to(statistics[0].device);
        var at = 0L;
        foreach (var statistic in statistics)
        {
            statistic.copy_(averages.narrow(0, at, statistic.numel()));
            at += statistic.numel();
        }
    }
}
