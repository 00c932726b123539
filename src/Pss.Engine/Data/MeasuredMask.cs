namespace Pss.Engine.Data;

/// <summary>A valid mask with its area and bounds, computed once for many overlaps.</summary>
internal sealed class MeasuredMask(RleSegmentation mask)
{
    private readonly int[] _counts = mask.Counts;
    private readonly BoundingBox _bounds = RunLengthMask.Bounds(mask);

    public int Height { get; } = mask.Height;

    public int Width { get; } = mask.Width;

    public int Area { get; } = RunLengthMask.Area(mask);

    /// <summary>Intersection over union, or over this mask's area where the other is a crowd.</summary>
    public double IoU(MeasuredMask other, bool isCrowd)
    {
        if (_bounds.X >= other._bounds.X2 || other._bounds.X >= _bounds.X2 || _bounds.Y >= other._bounds.Y2 || other._bounds.Y >= _bounds.Y2)
            return 0;
        var common = Common(_counts, other._counts, Height * Width);
        return common == 0 ? 0 : (double)common / (isCrowd ? Area : Area + other.Area - common);
    }

    private static int Common(int[] a, int[] b, int left)
    {
        int common = 0, i = 0, j = 0, inA = a[0], inB = b[0];
        while (left > 0)
        {
            while (inA == 0)
                inA = a[++i];
            while (inB == 0)
                inB = b[++j];
            var step = Math.Min(inA, inB);
            if ((i & j & 1) == 1)
                common += step;
            inA -= step;
            inB -= step;
            left -= step;
        }
        return common;
    }
}
