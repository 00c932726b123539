namespace Pss.Engine.Onnx;

/// <summary>What goes into an exported detector and what comes out.</summary>
internal enum OnnxSignature
{
    /// <summary>That of <see cref="OnnxExporter.Export"/> without <see cref="OnnxExportOptions.ScaleImages"/>.</summary>
    Plain,

    /// <summary>That of <see cref="OnnxExporter.ExportForPipeline"/>.</summary>
    Pipeline,

    /// <summary>That of <see cref="OnnxExporter.Export"/> by default.</summary>
    Image,

    /// <summary>That of <see cref="OnnxExporter.Export"/> for batches.</summary>
    Images,
}
