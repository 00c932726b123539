namespace Pss.Engine.Data.Augmentation;

/// <summary>Takes masks from one image to another: along each axis, target position = scale * source position + offset, in continuous pixels. A flip
/// has the scale -1.</summary>
/// <param name="ScaleX">Scale along x.</param>
/// <param name="OffsetX">Offset along x, in target pixels.</param>
/// <param name="ScaleY">Scale along y.</param>
/// <param name="OffsetY">Offset along y, in target pixels.</param>
/// <param name="Width">Width of the target image.</param>
/// <param name="Height">Height of the target image.</param>
internal readonly record struct MaskTransform(double ScaleX, double OffsetX, double ScaleY, double OffsetY, int Width, int Height)
{
    /// <summary>Transforms the masks of a sample; null where the sample has none.</summary>
    public Segmentation?[]? Apply(Segmentation?[]? masks)
    {
        if (masks is null)
            return null;
        var result = new Segmentation?[masks.Length];
        for (var i = 0; i < masks.Length; i++)
            result[i] = masks[i] switch
            {
                PolygonSegmentation polygons => Apply(polygons),
                RleSegmentation runs => Apply(runs),
                _ => null,
            };
        return result;
    }

    /// <summary>Transforms every corner. Corners may leave the target image: filling the polygons cuts them off at its edges.</summary>
    public PolygonSegmentation Apply(PolygonSegmentation mask)
    {
        var polygons = new double[mask.Polygons.Count][];
        for (var p = 0; p < polygons.Length; p++)
        {
            var source = mask.Polygons[p];
            var target = polygons[p] = new double[source.Length];
            for (var i = 0; i + 1 < source.Length; i += 2)
                (target[i], target[i + 1]) = (ScaleX * source[i] + OffsetX, ScaleY * source[i + 1] + OffsetY);
        }
        return new(polygons);
    }

    /// <summary>Takes for every target pixel the source pixel that its center lies in (nearest neighbor); pixels outside the source are not set. Flips
    /// and crops are exact.</summary>
    public RleSegmentation Apply(RleSegmentation mask)
    {
        var source = RunLengthMask.ToColumns(mask);
        var rows = SourceIndices(Height, mask.Height, ScaleY, OffsetY);
        var columns = SourceIndices(Width, mask.Width, ScaleX, OffsetX);
        var target = new byte[Width * Height];
        for (var x = 0; x < columns.Length; x++)
        {
            if (columns[x] < 0)
                continue;
            var from = source.AsSpan(columns[x] * mask.Height, mask.Height);
            // Most columns of an image do not meet the object.
            if (from.IndexOf((byte)1) < 0)
                continue;
            var to = target.AsSpan(x * Height, Height);
            for (var y = 0; y < rows.Length; y++)
                to[y] = rows[y] < 0 ? (byte)0 : from[rows[y]];
        }
        return RunLengthMask.FromColumns(target, Height, Width);
    }

    /// <summary>For every target index the source index that its center lies in, or -1.</summary>
    private static int[] SourceIndices(int target, int source, double scale, double offset)
    {
        var indices = new int[target];
        for (var i = 0; i < target; i++)
        {
            var at = Math.Floor((i + 0.5 - offset) / scale);
            indices[i] = at >= 0 && at < source ? (int)at : -1;
        }
        return indices;
    }
}
