using static TorchSharp.torch;

namespace Pss.Engine.Backbones;

/// <summary>Feature maps of the last three stages, [N, C, H, W] each.</summary>
/// <param name="C3">Stride 8.</param>
/// <param name="C4">Stride 16.</param>
/// <param name="C5">Stride 32.</param>
public readonly record struct BackboneFeatures(Tensor C3, Tensor C4, Tensor C5);
