
namespace Pss.Engine.Inference;

/// <summary>The number format of the network's convolutions. Scores and boxes are computed in float32 always.</summary>
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>16 bits with the range of float32: for GPUs and processors with AMX. With AVX-512 BF16 alone, without AMX, it measured slower than Float32.</summary>
    BFloat16,

    /// <summary>16 bits: for GPUs.</summary>
    Float16,
}
