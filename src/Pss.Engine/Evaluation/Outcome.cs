namespace Pss.Engine.Evaluation;

/// <summary>The outcome of one detection in one area range; one bit per IoU threshold.</summary>
internal record struct Outcome
{
    public int Matched;

    public int Ignored;
}
