using System.Text.Json;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Weights;

namespace Pss.Engine.Inference;

/// <summary>A detector as it is stored: options, class names, the size of its input, weights. One safetensors file holds all of it.</summary>
/// <param name="Options">Options of the network.</param>
/// <param name="Classes">Class names, by label.</param>
/// <param name="Resize">How images are brought to the network's size.</param>
/// <param name="Weights">The network's state, by its own names.</param>
public sealed record DetectorModel(DetectorOptions Options, IReadOnlyList<string> Classes, Resize Resize, WeightFile Weights)
{
    private const string Format = "pss-detector";
    private const string Version = "2";
    private const string NoDetector = "it is not a detector's file, which is a .safetensors file of a training, such as best.safetensors; with weights of other programs a training can start";

    /// <summary>Writes the file, whole or not at all.</summary>
    public void Save(string path) => Safetensors.Write(path, ToFile([], new Dictionary<string, string>()));

    /// <summary>Reads a file of <see cref="Save(string)"/>, or a checkpoint of a training.</summary>
    /// <exception cref="WeightFileException">The file is damaged, or holds something else.</exception>
    public static DetectorModel Load(string path)
        => FromFile(path, Safetensors.IsAt(path) ? Safetensors.Read(path) : throw new WeightFileException(path, 0, NoDetector));

    /// <summary>As <see cref="Save(string)"/>, to a stream.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    public void Save(Stream stream) => Safetensors.Write(stream, ToFile([], new Dictionary<string, string>()));

    /// <summary>Reads what <see cref="Save(Stream)"/> wrote, from the stream's position to its end.</summary>
    /// <param name="stream">A seekable stream; it stays open.</param>
    /// <param name="name">Stands for the file's name in errors.</param>
    /// <exception cref="WeightFileException">The content is damaged, or holds something else.</exception>
    public static DetectorModel Load(Stream stream, string name) => FromFile(name, Safetensors.Read(stream, name));

    /// <summary>The same detector with weights in bfloat16, half as large, for inference: to the bit those that a <see cref="Detector"/> of this model computes with in
    /// <see cref="Precision.BFloat16"/>.</summary>
    /// <param name="foldBatchNorm">The <see cref="InferenceOptions.FoldBatchNorm"/> that the detector will have: with it weights are rounded after the factors
    /// of batch normalizations have been moved into them.</param>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    public DetectorModel ToBFloat16(bool foldBatchNorm = true)
    {
        using var network = Build();
        if (foldBatchNorm)
            network.MoveBatchNormFactors();
        return this with { Weights = new(NetworkWeights.Save(network).Tensors.Select(tensor => tensor.ToBFloat16())) };
    }

    /// <summary>The weights for a training on these classes to start from: without the class predictor if the names or their order differ, so that the training
    /// draws it anew.</summary>
    /// <param name="classes">The class names by label.</param>
    /// <param name="dropped">The names of the arrays that were dropped.</param>
    public WeightFile WeightsFor(IReadOnlyList<string> classes, out IReadOnlyList<string> dropped)
    {
        ArgumentNullException.ThrowIfNull(classes);
        // Every predictor is one of another number than 0.
        return Weights.ForClasses(Classes.SequenceEqual(classes) ? classes.Count : 0, out dropped);
    }

    /// <summary>Builds the network on the CPU, in inference mode.</summary>
    /// <exception cref="WeightFileException">The weights are those of another network.</exception>
    /// <exception cref="TorchRuntimeException">libtorch does not load.</exception>
    internal DenseDetector Build()
    {
        var network = Options.Build();
        try
        {
            NetworkWeights.Load(network, Weights);
            network.eval();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    internal static DetectorModel FromFile(string path, WeightFile file)
    {
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new WeightFileException(path, 0, NoDetector);
        var version = file.Metadata.GetValueOrDefault("version");
        if (version is not ("1" or Version))
            throw new WeightFileException(path, 0, $"it has version {version}, this library reads versions 1 to {Version}: update the library");
        try
        {
            var options = OptionsJson.Read<DetectorOptions>(version == "1" ? OptionsUpgrade.FromVersion1(file.Metadata["options"]) : file.Metadata["options"]);
            options.Validate();
            WeightFile weights = new(file.Tensors.Where(tensor => !tensor.Name.Contains(':')));
            // A small file must not have a huge network built.
            if (options.LeastWeights > weights.Tensors.Sum(tensor => (double)tensor.Count))
                throw new WeightFileException(path, 0, FormattableString.Invariant($"its options describe a network of at least {options.LeastWeights:N0} weights, more than it holds"));
            return new(options, OptionsJson.Read<string[]>(file.Metadata["classes"]), OptionsJson.Read<Resize>(file.Metadata["resize"]), weights);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or ArgumentException or FormatException or InvalidOperationException or NotSupportedException)
        {
            throw new WeightFileException(path, 0, $"its options cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The file's contents, with more beside the detector; names of further arrays hold a colon.</summary>
    internal WeightFile ToFile(IEnumerable<NamedTensor> more, IReadOnlyDictionary<string, string> metadata)
        => new(Weights.Tensors.Concat(more), new Dictionary<string, string>(metadata)
        {
            ["format"] = Format,
            ["version"] = Version,
            ["options"] = OptionsJson.Write(Options),
            ["classes"] = OptionsJson.Write(Classes),
            ["resize"] = OptionsJson.Write(Resize),
        });
}
