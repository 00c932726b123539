using Pss.Engine.Weights.NameMaps;

namespace Pss.Engine.Weights;

/// <summary>The content of a weight file: named arrays and metadata.</summary>
public sealed class WeightFile
{
    private readonly Dictionary<string, NamedTensor> _byName;

    /// <summary>Makes a collection of arrays by name.</summary>
    /// <exception cref="ArgumentException">Two arrays have the same name, or an array's bytes do not fit its shape.</exception>
    internal WeightFile(IEnumerable<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Tensors = [.. tensors];
        Metadata = metadata ?? new Dictionary<string, string>();
        _byName = new Dictionary<string, NamedTensor>(Tensors.Count, StringComparer.Ordinal);
        foreach (var tensor in Tensors)
        {
            if (!_byName.TryAdd(tensor.Name, tensor)) throw new ArgumentException($"two arrays have the name '{tensor.Name}'", nameof(tensors));
            if (tensor.Count * NamedTensor.SizeOf(tensor.Dtype) != tensor.Data.Length)
                throw new ArgumentException($"'{tensor.Name}': {tensor.Data.Length} bytes do not fill {tensor.Count} elements of {tensor.Dtype}",
                    nameof(tensors));
        }
    }

    /// <summary>The names of the arrays, in the order of the file.</summary>
    public IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    /// <summary>The arrays, in the order of the file.</summary>
    internal IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>Text stored with the arrays; empty if the format has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The array with that name.</summary>
    /// <exception cref="KeyNotFoundException">No array has that name.</exception>
    internal NamedTensor this[string name] => Find(name) ?? throw new KeyNotFoundException($"no array has the name '{name}'");

    /// <summary>The array with that name, or null.</summary>
    internal NamedTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The same arrays with other names, for weights of other networks.</summary>
    /// <param name="map">Maps a name to the new name, or to null to remove the array.</param>
    /// <exception cref="ArgumentException">Two arrays would have the same name.</exception>
    public WeightFile Rename(Func<string, string?> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(Tensors.Select(tensor => (Tensor: tensor, Name: map(tensor.Name))).Where(item => item.Name is not null)
            .Select(item => item.Tensor with { Name = item.Name! }), Metadata);
    }

    /// <summary>The same arrays without the class predictor, if it is one of another number of classes: a training draws it anew then.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="dropped">The names of the arrays that were dropped.</param>
    public WeightFile ForClasses(int classes, out IReadOnlyList<string> dropped)
    {
        const string Predictor = "head.class_logits.";
        dropped = [.. Tensors.Where(tensor => tensor.Name.StartsWith(Predictor, StringComparison.Ordinal) && tensor.Shape is [var rows, ..] && rows != classes).Select(tensor => tensor.Name)];
        var gone = dropped;
        return gone.Count == 0 ? this : Rename(name => gone.Contains(name) ? null : name);
    }

    /// <summary>Reads a safetensors file, a PyTorch checkpoint (.pth, .pt), or a ResNet in an ONNX file, recognized by the first bytes. Nothing in a checkpoint is executed. Arrays
    /// with the names of torchvision's ResNet or FCOS, of MMDetection's FCOS, ATSS, VFNet or GFocalV2, or of AdelaiDet's FCOS or CondInst get this library's names.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">For a PyTorch checkpoint, the entry that holds the state dict; null finds it.</param>
    /// <exception cref="WeightFileException">The file is neither, is damaged, or asks for code to be executed.</exception>
    public static WeightFile Read(string path, string? key = null)
    {
        if (Safetensors.IsAt(path))
            return PublishedWeights.WithOwnNames(Safetensors.Read(path));
        Span<byte> start = stackalloc byte[2];
        using (var stream = File.OpenRead(path))
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        // Field 1 of an ONNX file, its version.
        return start is [0x08, < 0x20, ..] ? OnnxBackbone.Read(path) : PublishedWeights.WithOwnNames(PyTorchCheckpoint.Read(path, key));
    }

    /// <summary>The package with ImageNet weights that <see cref="FindPretrained()"/> finds.</summary>
    public const string PretrainedPackage = "Microsoft.ML.DnnImageFeaturizer.ResNet18";

    /// <summary>The ImageNet weights that the package Microsoft.ML.DnnImageFeaturizer.ResNet18 puts beside a program that references it; null if they are not there.
    /// They are those of <see cref="Backbones.ResNetOptions.PretrainedResNet18"/>.</summary>
    /// <exception cref="WeightFileException">The file is damaged.</exception>
    public static WeightFile? FindPretrained() => FindPretrained(AppContext.BaseDirectory);

    /// <summary>The same in any folder.</summary>
    internal static WeightFile? FindPretrained(string folder)
    {
        var path = Path.Combine(folder, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        try
        {
            return File.Exists(path) ? Read(path) : null;
        }
        catch (WeightFileException fault)
        {
            throw new WeightFileException(
                path, fault.Offset, $"The file of the package {PretrainedPackage} is damaged: build the program anew, or train from random weights (UsePretrained = false, --from-scratch).", fault);
        }
    }

    /// <summary>Writes a safetensors file, whole or not at all. The same arrays and metadata give the same bytes.</summary>
    /// <exception cref="ArgumentException">An array has the name that the format reserves for metadata.</exception>
    public void Save(string path) => Safetensors.Write(path, this);
}
