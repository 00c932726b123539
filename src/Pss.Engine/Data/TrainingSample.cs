namespace Pss.Engine.Data;

/// <summary>One decoded image with its objects, ready to be augmented and batched; crowds are already removed.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Boxes">x1, y1, x2, y2 of each object in pixels of <paramref name="Image"/>: four times as many as labels.</param>
/// <param name="Labels">The label of each object, 0 to C-1.</param>
public sealed record TrainingSample(RgbImage Image, float[] Boxes, int[] Labels);
