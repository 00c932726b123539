using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Which .NET type holds an element of which dtype.</summary>
internal static class ScalarTypes
{
    internal static Type? DotNetType(this ScalarType type) => type switch
    {
        ScalarType.Byte => typeof(byte),
        ScalarType.Int8 => typeof(sbyte),
        ScalarType.Int16 => typeof(short),
        ScalarType.Int32 => typeof(int),
        ScalarType.Int64 => typeof(long),
        ScalarType.Float16 => typeof(Half),
        ScalarType.Float32 => typeof(float),
        ScalarType.Float64 => typeof(double),
        ScalarType.Bool => typeof(bool),
        ScalarType.BFloat16 => typeof(BFloat16),
        _ => null,
    };

    internal static ScalarType TorchType(this Type type) => Enum.GetValues<ScalarType>().Where(t => t.DotNetType() == type)
        .DefaultIfEmpty().First() is var found && found.DotNetType() == type
            ? found
            : throw new ArgumentException($"An array of {type.Name} cannot become a tensor.");
}
