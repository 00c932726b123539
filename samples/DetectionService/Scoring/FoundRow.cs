namespace DetectionService.Scoring;

/// <summary>The columns that a saved model adds.</summary>
internal sealed class FoundRow
{
    public uint[] PredictedLabel { get; set; } = [];

    public float[] PredictedBoundingBoxes { get; set; } = [];

    public float[] Score { get; set; } = [];
}
