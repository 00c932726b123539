using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Weights;

/// <summary>Copies the state of a module into named arrays and back.</summary>
public static class ModuleWeights
{
    /// <summary>Copies every parameter and persistent buffer.</summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="prefix">What to put before each name.</param>
    public static IReadOnlyList<NamedTensor> Read(Module module, string prefix = "")
    {
        using var scope = NewDisposeScope();
        return [.. module.state_dict().Select(entry => Read(prefix + entry.Key, entry.Value))];
    }

    /// <summary>Writes arrays into a module's parameters and buffers; their types are converted.</summary>
    /// <param name="module">The module, on any device.</param>
    /// <param name="arrays">The arrays, by the module's own names.</param>
    /// <param name="source">Where they come from, for the message.</param>
    /// <exception cref="WeightMismatchException">A name is missing, unexpected, or has another shape. Nothing has been written then.</exception>
    public static void Load(Module module, IEnumerable<NamedTensor> arrays, string source)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var state = module.state_dict();
        var given = arrays.ToDictionary(array => array.Name, StringComparer.Ordinal);
        var missing = state.Keys.Where(name => !given.ContainsKey(name)).ToList();
        var unexpected = given.Keys.Where(name => !state.ContainsKey(name)).ToList();
        var reshaped = given.Values.Where(array => state.TryGetValue(array.Name, out var own) && !own.shape.SequenceEqual(array.Shape))
            .Select(array => $"{array.Name} [{string.Join(", ", array.Shape)}], expected [{string.Join(", ", state[array.Name].shape)}]").ToList();
        if (missing.Count + unexpected.Count + reshaped.Count > 0)
            throw new WeightMismatchException(source, missing, unexpected, reshaped);
        foreach (var (name, own) in state)
        {
            using var inner = NewDisposeScope();
            own.copy_(ToTensor(given[name]));
        }
    }

    /// <summary>An array as a tensor on the CPU, in the dispose scope in force.</summary>
    internal static Tensor ToTensor(NamedTensor array)
    {
        var result = empty([.. array.Shape], dtype: TypeOf(array.Dtype));
        array.Data.Span.CopyTo(result.bytes);
        return result;
    }

    /// <summary>A tensor as an array.</summary>
    internal static NamedTensor Read(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return new(name, TypeOf(tensor.dtype), tensor.shape, tensor.detach().cpu().contiguous().bytes.ToArray());
    }

    private static ScalarType TypeOf(WeightDtype type) => type switch
    {
        WeightDtype.Bool => ScalarType.Bool,
        WeightDtype.UInt8 => ScalarType.Byte,
        WeightDtype.Int8 => ScalarType.Int8,
        WeightDtype.Int16 => ScalarType.Int16,
        WeightDtype.Int32 => ScalarType.Int32,
        WeightDtype.Int64 => ScalarType.Int64,
        WeightDtype.Float16 => ScalarType.Float16,
        WeightDtype.BFloat16 => ScalarType.BFloat16,
        WeightDtype.Float64 => ScalarType.Float64,
        _ => ScalarType.Float32,
    };

    private static WeightDtype TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => WeightDtype.Float32,
        ScalarType.Int64 => WeightDtype.Int64,
        ScalarType.Float64 => WeightDtype.Float64,
        ScalarType.Float16 => WeightDtype.Float16,
        ScalarType.BFloat16 => WeightDtype.BFloat16,
        ScalarType.Byte => WeightDtype.UInt8,
        _ => throw new NotSupportedException($"A tensor of type {type} cannot be stored."),
    };
}
