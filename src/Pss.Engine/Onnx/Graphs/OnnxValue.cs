
namespace Pss.Engine.Onnx.Graphs;

/// <summary>A tensor in an <see cref="OnnxGraph"/>: an input, a constant or what a node puts out.</summary>
/// <param name="Name">Its name in the file.</param>
internal readonly record struct OnnxValue(string Name)
{
    /// <summary>An optional input that is left out.</summary>
    public static OnnxValue None { get; } = new("");
}
