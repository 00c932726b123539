using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>The order in which a tensor of four dimensions lies in memory, which TorchSharp has no word for.</summary>
internal static class MemoryFormat
{
    /// <summary>The same values and shape, [N, C, H, W], stored with the channels innermost: what convolutions on processors read fastest.</summary>
    public static Tensor ToChannelsLast(this Tensor maps) => maps.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
}
