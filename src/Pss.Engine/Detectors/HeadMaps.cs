using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>What the dense head makes of each pyramid level, finest first; maps are [N, channels, H, W].</summary>
/// <param name="ClassLogits">One channel a class.</param>
/// <param name="Boxes">Four channels, in the head's box form.</param>
/// <param name="Centerness">One channel, logits.</param>
/// <param name="ClassFeatures">Output of the classification tower.</param>
/// <param name="BoxFeatures">Output of the regression tower.</param>
public sealed record HeadMaps(Tensor[] ClassLogits, Tensor[] Boxes, Tensor[] Centerness, Tensor[] ClassFeatures, Tensor[] BoxFeatures);
