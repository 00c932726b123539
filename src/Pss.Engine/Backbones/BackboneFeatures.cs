namespace Pss.Engine.Backbones;

/// <summary>Feature maps of the last three stages, [N, C, H, W] each, as tensors or as values of a graph.</summary>
/// <typeparam name="T">Tensor or value of a graph.</typeparam>
/// <param name="C3">Stride 8.</param>
/// <param name="C4">Stride 16.</param>
/// <param name="C5">Stride 32.</param>
internal readonly record struct BackboneFeatures<T>(T C3, T C4, T C5);
