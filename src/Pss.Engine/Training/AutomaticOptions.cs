using System.Runtime.InteropServices;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Loading;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Settles what the options leave to the machine: <see cref="TrainingOptions.Precision"/> null and <see cref="TrainingOptions.BatchSize"/> 0. The choice is part
/// of the options of the checkpoint, and a resumed training takes it from there.
/// </summary>
internal static class AutomaticOptions
{
    private const int Rounds = 3;

    // Less is noise, and not worth the digits.
    private const double LeastGain = 0.95;

    // The rest is for what else runs, for fragmentation, and for what the trial does not show.
    private const int ShareOfMemory = 2;

    /// <summary>The options with nothing left open.</summary>
    /// <param name="options">The options as they were given.</param>
    /// <param name="detector">What is trained.</param>
    /// <param name="augmentation">What decides the sizes of images.</param>
    /// <param name="source">The training images.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="imagesOf">Images of a pass that one device holds, where several share them; null for all.</param>
    /// <exception cref="ArgumentException">Float16 on a CPU.</exception>
    public static TrainingOptions Settle(
        TrainingOptions options, DetectorOptions detector, AugmentationOptions augmentation, ISampleSource source, Device device, Func<int, int>? imagesOf = null)
    {
        imagesOf ??= images => images;
        options = FromCheckpoint(options);
        // By a rule on a CPU, not by measurement: the same seed must give the same weights, however busy the machine is.
        if (options.Precision is null && device.type == DeviceType.CPU)
            options = options with { Precision = Precision.Float32 };
        Devices.Check(device, options.Precision ?? Precision.Float32);
        if (options is { Precision: not null, BatchSize: > 0 })
            return options;

        using var trial = new StepTrial(detector, options, StepTrial.LargestSize(source, augmentation), device);
        var precision = options.Precision ?? Faster(trial, imagesOf(Math.Max(1, options.BatchSize)));
        var batch = options.BatchSize > 0 ? options.BatchSize
            : device.type == DeviceType.CPU ? ByEstimate(trial, precision, options.NominalBatch, MachineMemory.Free() - options.CacheBytes)
            : ByTrial(trial, precision, options.NominalBatch, imagesOf);
        return options with { Precision = precision, BatchSize = batch };
    }

    /// <summary>BFloat16 where a step of it is faster than one of Float32, each the best of several in turn.</summary>
    public static Precision Faster(StepTrial trial, int images)
    {
        try
        {
            var (exact, rounded) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
            for (var round = 0; round <= Rounds; round++)
            {
                var (ofExact, ofRounded) = (trial.Run(Precision.Float32, images), trial.Run(Precision.BFloat16, images));
                // The first steps choose algorithms and take memory.
                if (round > 0)
                    (exact, rounded) = (Least(exact, ofExact), Least(rounded, ofRounded));
            }
            return rounded < exact * LeastGain ? Precision.BFloat16 : Precision.Float32;
        }
        catch (ExternalException)
        {
            // Older GPUs lack operators in BFloat16.
            return Precision.Float32;
        }

        static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
    }

    /// <summary>The largest batch for which a step runs through: on a GPU, where too much is an error that can be caught.</summary>
    private static int ByTrial(StepTrial trial, Precision precision, int nominal, Func<int, int> imagesOf)
    {
        foreach (var images in Divisors(nominal))
        {
            try
            {
                trial.Run(precision, imagesOf(images));
                return images;
            }
            catch (InsufficientMemoryException) when (images > 1)
            {
            }
        }
        return 1;
    }

    /// <summary>The largest batch that memory suffices for by what one image takes: on a CPU, where the system ends a process that takes too much.</summary>
    /// <param name="trial">Runs the step of one image.</param>
    /// <param name="precision">Number format of the convolutions.</param>
    /// <param name="nominal">Images of an optimizer step.</param>
    /// <param name="free">Bytes of memory that are free.</param>
    public static int ByEstimate(StepTrial trial, Precision precision, int nominal, long free)
    {
        var perImage = MachineMemory.PeakOf(() => trial.Run(precision, 1));
        return Divisors(nominal).First(images => images == 1 || images * perImage + trial.StateBytes <= free / ShareOfMemory);
    }

    /// <summary>The divisors of the nominal batch, the largest first: every pass of a step has as many images.</summary>
    private static IEnumerable<int> Divisors(int nominal) => Enumerable.Range(1, nominal).Where(images => nominal % images == 0).Reverse();

    private static TrainingOptions FromCheckpoint(TrainingOptions options)
    {
        if (options is { Precision: not null, BatchSize: > 0 } || options.FindCheckpoint() is not { } path || !Safetensors.Read(path).Metadata.TryGetValue("training", out var fingerprint))
            return options;
        var (precision, batch) = TrainingFingerprint.Settled(fingerprint);
        return options with { Precision = options.Precision ?? precision, BatchSize = options.BatchSize > 0 ? options.BatchSize : batch };
    }
}
