namespace Pss.Engine.Evaluation;

/// <summary>F1 at one score threshold; all values from 0 to 1.</summary>
/// <param name="Threshold">The score threshold.</param>
/// <param name="F1">The harmonic mean of precision and recall.</param>
/// <param name="Precision">The fraction of the detections that are correct.</param>
/// <param name="Recall">The fraction of the objects that are found.</param>
internal sealed record F1Point(double Threshold, double F1, double Precision, double Recall);
