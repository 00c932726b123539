namespace Pss.Engine.Training;

/// <summary>The epoch with the highest AP of the evaluations so far.</summary>
/// <param name="Ap">Its AP: of the output without NMS, or with NMS for a detector that needs it; -1 without one.</param>
/// <param name="Epoch">The epoch, from 0; -1 without one.</param>
/// <param name="EvaluationsSince">Evaluations after it.</param>
internal sealed record BestEpoch(double Ap, int Epoch, int EvaluationsSince)
{
    /// <summary>Before the first evaluation.</summary>
    public static BestEpoch None { get; } = new(-1, -1, 0);

    /// <summary>The best after one more evaluation.</summary>
    public BestEpoch After(EpochEvaluation evaluation, int epoch)
    {
        var ap = evaluation.EndToEndAp ?? evaluation.OneToManyAp;
        return ap > Ap ? new(ap, epoch, 0) : this with { EvaluationsSince = EvaluationsSince + 1 };
    }
}
