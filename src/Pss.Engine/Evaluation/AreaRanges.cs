namespace Pss.Engine.Evaluation;

/// <summary>The four area ranges: all, small, medium, large; inclusive at both ends.</summary>
internal sealed class AreaRanges(CocoEvaluatorOptions options)
{
    public const int Count = 4;

    /// <summary>The protocol's upper limit for "all" and "large".</summary>
    public const double Unlimited = 1e10;

    private readonly double[] _low = [0, 0, options.SmallMaxArea, options.MediumMaxArea];
    private readonly double[] _high = [Unlimited, options.SmallMaxArea, options.MediumMaxArea, Unlimited];

    public bool Contains(int range, double area) => area >= _low[range] && area <= _high[range];
}
