namespace Pss.Engine.Evaluation;

/// <summary>Thresholds of the error analysis.</summary>
internal sealed record ErrorAnalysisOptions
{
    /// <summary>Detections with a lower score are ignored; 0 to 1.</summary>
    public double ScoreThreshold { get; init; } = 0.3;

    /// <summary>The smallest IoU at which a detection matches an object; above 0, up to 1.</summary>
    public double IouThreshold { get; init; } = 0.5;

    /// <summary>The smallest IoU at which a detection of the right class is a poor box rather than background; above 0, up to
    /// <see cref="IouThreshold"/>.</summary>
    public double PoorBoxIou { get; init; } = 0.1;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names property, value and range.</exception>
    public void Validate()
    {
        Check.Within(ScoreThreshold, 0, 1);
        Check.Positive(IouThreshold);
        Check.Within(IouThreshold, 0, 1);
        Check.Positive(PoorBoxIou);
        Check.Within(PoorBoxIou, 0, IouThreshold);
    }
}
