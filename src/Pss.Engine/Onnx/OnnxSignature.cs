
namespace Pss.Engine.Onnx;

/// <summary>What goes into an exported detector and what comes out.</summary>
internal enum OnnxSignature
{
    /// <summary>That of <see cref="OnnxExporter.Export"/>.</summary>
    Plain,

    /// <summary>That of <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    Pipeline,
}
