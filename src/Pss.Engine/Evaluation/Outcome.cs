namespace Pss.Engine.Evaluation;

/// <summary>What became of one detection in one area range; one bit an IoU threshold.</summary>
internal record struct Outcome
{
    public int Matched;

    public int Ignored;
}
