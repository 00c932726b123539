using static TorchSharp.torch;

namespace Pss.Engine.Detectors;

/// <summary>The losses of a batch, each a number by its name, without its factor; scalars on the device of the outputs.</summary>
/// <param name="Classification">Focal loss of all locations and classes over the positives.</param>
/// <param name="Box">1 - GIoU of the positives.</param>
/// <param name="Centerness">Cross entropy of the positives' center-ness.</param>
/// <param name="Selector">Focal loss on the product of probabilities, one positive an object; null without selector.</param>
/// <param name="Ranking">Ranking loss; null without selector or where its factor is 0.</param>
/// <param name="Total">The sum with the factors: what is trained.</param>
/// <param name="Positives">Positive locations of the one-to-many branch in the batch.</param>
/// <param name="Matched">Objects matched one to one; null without selector.</param>
public sealed record DetectorLosses(
    Tensor Classification, Tensor Box, Tensor Centerness, Tensor? Selector, Tensor? Ranking,
    Tensor Total, Tensor Positives, Tensor? Matched);
