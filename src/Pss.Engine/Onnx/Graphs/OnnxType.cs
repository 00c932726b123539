
namespace Pss.Engine.Onnx.Graphs;

/// <summary>Element types of ONNX tensors, by the format's own numbers.</summary>
internal enum OnnxType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 1,

    /// <summary>Unsigned 8 bits.</summary>
    UInt8 = 2,

    /// <summary>Signed 8 bits.</summary>
    Int8 = 3,

    /// <summary>Signed 32 bits.</summary>
    Int32 = 6,

    /// <summary>Signed 64 bits.</summary>
    Int64 = 7,

    /// <summary>Text.</summary>
    Text = 8,

    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 10,
}
