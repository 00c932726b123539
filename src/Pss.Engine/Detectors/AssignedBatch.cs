using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>Predictions and assigned objects of a batch, from which loss terms are computed. N images, L locations.</summary>
/// <param name="Outputs">Predictions, in float32.</param>
/// <param name="Boxes">Predicted boxes in pixels, [N, L, 4].</param>
/// <param name="Assigned">The objects and their positives.</param>
internal sealed record AssignedBatch(HeadOutputs Outputs, Tensor Boxes, AssignedTargets Assigned);
