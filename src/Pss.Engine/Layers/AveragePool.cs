using Pss.Engine.Onnx.Graphs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// The mean under a square window. Without padding, a last window that the map fills in part counts as well, and is the mean of what it has; with
/// padding, zeros count.
/// </summary>
internal sealed class AveragePool(long kernel, long stride, long padding) : Module<Tensor, Tensor>(nameof(AveragePool)), IExportable
{
    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => kernel == 1 && stride == 1
        ? input.alias()
        : functional.avg_pool2d(input, kernel, stride, padding, ceil_mode: padding == 0);

    /// <inheritdoc/>
    public OnnxValue Export(ModuleGraph graph, OnnxValue input) => graph.Operators.AveragePool(input, kernel, stride, padding, ceiling: padding == 0);
}
