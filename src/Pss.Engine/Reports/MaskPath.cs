using System.Globalization;
using System.Text;
using Pss.Engine.Data;

namespace Pss.Engine.Reports;

/// <summary>The area of a mask as the data of an SVG path.</summary>
internal static class MaskPath
{
    // Pictures are shown at about this size: a finer path would be a larger page and no sharper.
    private const int LongestSide = 400;

    /// <summary>The path, in pixels of the picture: corners of polygons, or one rectangle for each run of a run-length mask, at reduced scale where the
    /// picture is large.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="height">Height of the picture.</param>
    /// <param name="width">Width of the picture.</param>
    public static string Of(Segmentation mask, int height, int width)
    {
        var path = new StringBuilder();
        if (mask is PolygonSegmentation polygons)
        {
            foreach (var polygon in polygons.Polygons)
                for (var i = 0; i + 1 < polygon.Length; i += 2)
                    path.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{polygon[i]:0.#} {polygon[i + 1]:0.#}{(i + 3 >= polygon.Length ? "Z" : "")}");
            return path.ToString();
        }
        var runs = mask.ToRuns(height, width);
        var step = Math.Max(1, Math.Max(height, width) / LongestSide);
        for (int i = 0, at = 0; i < runs.Counts.Length; at += runs.Counts[i++])
        {
            if (i % 2 == 0)
                continue;
            for (var from = at; from < at + runs.Counts[i];)
            {
                var (x, y) = (from / height, from % height);
                var length = Math.Min(height - y, at + runs.Counts[i] - from);
                if (x % step == 0)
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h{step}v{length}h-{step}z");
                from += length;
            }
        }
        return path.ToString();
    }
}
