using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Layers;

/// <summary>A layer of one input and one output that adds itself to a graph.</summary>
internal interface IExportable
{
    /// <summary>The layer's forward, in inference, as operators.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">What forward takes.</param>
    /// <returns>What forward gives.</returns>
    OnnxValue Export(ModuleGraph graph, OnnxValue input);
}
