using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Pss.Engine.Weights;

/// <summary>Copies a module's parameters and buffers to a weight file and back.</summary>
internal static class NetworkWeights
{
    private const string BatchCounter = ".num_batches_tracked";

    /// <summary>Copies all parameters and persistent buffers, as 32-bit floats or 64-bit integers.</summary>
    /// <param name="module">The module.</param>
    /// <param name="metadata">Text to store with them.</param>
    public static WeightFile Save(nn.Module module, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return new(module.state_dict().Select(entry => ToNamed(entry.Key, entry.Value)).ToArray(), metadata);
    }

    /// <summary>Sets all parameters and buffers from a file; changes nothing if names or shapes differ.</summary>
    /// <param name="module">The module.</param>
    /// <param name="file">The weights.</param>
    /// <param name="map">
    /// Maps a name in the file to the module's name, or to null to skip the weight; null if the names are the module's own. See <see cref="PublishedWeights"/>.
    /// </param>
    /// <param name="optional">
    /// Names of the module that the file may lack, such as those of a selector that the checkpoint does not have; null for none. Batch
    /// counters may always be missing.
    /// </param>
    /// <exception cref="WeightFileException">Names are missing or unexpected, or shapes differ: all of them are listed.</exception>
    public static void Load(nn.Module module, WeightFile file, Func<string, string?>? map = null, Func<string, bool>? optional = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var state = module.state_dict();
        var found = new Dictionary<string, NamedTensor>();
        var unexpected = new List<string>();
        var shapeMismatches = new List<string>();
        foreach (var weight in file.Tensors)
        {
            string? name = map is null ? weight.Name : map(weight.Name);
            if (name is null)
                continue;
            // A network with frozen normalization has no batch counters.
            if (name.EndsWith(BatchCounter, StringComparison.Ordinal) && !state.ContainsKey(name))
                continue;
            if (!state.TryGetValue(name, out var target) || !found.TryAdd(name, weight))
                unexpected.Add(weight.Name);
            else if (!target.shape.SequenceEqual(weight.Shape))
                shapeMismatches.Add($"{name} is [{string.Join(", ", target.shape)}], in the file [{string.Join(", ", weight.Shape)}]");
        }

        var missing = state.Keys.Where(name => !found.ContainsKey(name) && !IsOptional(name)).ToList();
        if (missing.Count + unexpected.Count + shapeMismatches.Count > 0)
            throw new WeightFileException(missing, unexpected, shapeMismatches);

        foreach (var (name, weight) in found)
        {
            using var step = NewDisposeScope();
            state[name].copy_(ToTensor(weight));
        }

        bool IsOptional(string name) => name.EndsWith(BatchCounter, StringComparison.Ordinal) || optional?.Invoke(name) == true;
    }

    internal static Tensor ToTensor(NamedTensor weight) => weight.Dtype == WeightDtype.Int64
        ? tensor(MemoryMarshal.Cast<byte, long>(weight.Data.Span).ToArray(), weight.Shape.ToArray())
        : tensor(weight.ToSingles(), weight.Shape.ToArray());

    internal static NamedTensor ToNamed(string name, Tensor value)
    {
        using var scope = NewDisposeScope();
        return value.dtype == ScalarType.Int64
            ? new(name, WeightDtype.Int64, value.shape, MemoryMarshal.AsBytes(value.ToHost<long>().AsSpan()).ToArray())
            : NamedTensor.FromSingles(name, value.shape, value.detach().to(ScalarType.Float32).ToHost<float>());
    }
}
