namespace Pss.Engine.Evaluation;

/// <summary>The score thresholds at which F1 is computed: 0, 0.001 ... 1. A score reaches a threshold in single precision, as in the detector.</summary>
internal static class ScoreThresholds
{
    private const int Steps = 1000;

    public const int Count = Steps + 1;

    public static double At(int index) => index / (double)Steps;

    public static bool Reaches(float score, double threshold) => score >= (float)threshold;

    /// <summary>Index of the highest threshold that a score of at least 0 reaches.</summary>
    public static int Highest(float score)
    {
        var index = (int)Math.Clamp((double)score * Steps, 0, Steps);
        // The product may be rounded across a threshold.
        if (!Reaches(score, At(index)))
            return index - 1;
        return index < Steps && Reaches(score, At(index + 1)) ? index + 1 : index;
    }
}
