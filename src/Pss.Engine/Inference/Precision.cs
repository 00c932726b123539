
namespace Pss.Engine.Inference;

/// <summary>The number format of the network's convolutions. Scores and boxes are computed in float32 always.</summary>
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>16 bits with the range of float32: fast on processors with AMX or AVX-512 BF16, and on GPUs.</summary>
    BFloat16,

    /// <summary>16 bits: for GPUs.</summary>
    Float16,
}
