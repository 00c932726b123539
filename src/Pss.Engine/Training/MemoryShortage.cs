using System.Runtime.InteropServices;
using Pss.Engine.Data.Loading;
using Pss.Engine.Inference;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>Recognizes that libtorch found no memory, and says what to do.</summary>
internal static class MemoryShortage
{
    // The allocators of CPUs and GPUs; libtorch has no error type for it.
    private static readonly string[] Phrases = ["out of memory", "not enough memory", "can't allocate memory"];

    /// <summary>Whether an error is one of memory.</summary>
    public static bool Is(Exception fault) => fault is OutOfMemoryException
        || (fault is ExternalException && Phrases.Any(phrase => fault.Message.Contains(phrase, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The error of a training step that did not fit.</summary>
    /// <param name="fault">libtorch's error.</param>
    /// <param name="batch">The images of the pass.</param>
    /// <param name="device">The device of the training.</param>
    public static InsufficientMemoryException Explain(Exception fault, TrainingBatch batch, Device device)
    {
        var cure = batch.Count > 1
            ? $"set {nameof(TrainingOptions)}.{nameof(TrainingOptions.BatchSize)} to {batch.Count / 2} or less ({nameof(TrainingOptions.NominalBatch)} may stay), or to 0 for the largest that fits"
            : "train at a smaller image size, with a smaller backbone or with fewer channels";
        return new(FormattableString.Invariant(
            $"{Devices.Describe(device)} has not enough memory for a pass over {batch.Count} images of {batch.Width} x {batch.Height} pixels: {cure}. libtorch said: {FirstLine(fault)}"), fault);
    }

    private static string FirstLine(Exception fault) => fault.Message.Split('\n')[0].Trim();
}
