namespace Pss.Engine.Evaluation;

/// <summary>The outcomes in one image.</summary>
/// <param name="Outcomes">[D] the outcome of each detection; null below the score threshold.</param>
/// <param name="Found">[G] whether a detection found the object.</param>
internal sealed record ImageErrors(IReadOnlyList<DetectionOutcome?> Outcomes, IReadOnlyList<bool> Found);
