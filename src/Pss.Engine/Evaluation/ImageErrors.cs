namespace Pss.Engine.Evaluation;

/// <summary>The outcomes of one image.</summary>
/// <param name="Outcomes">[D] of each detection given; null for those below the score threshold.</param>
/// <param name="Found">[G] for each object whether a detection found it.</param>
internal sealed record ImageErrors(IReadOnlyList<DetectionOutcome?> Outcomes, IReadOnlyList<bool> Found);
