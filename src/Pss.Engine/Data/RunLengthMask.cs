namespace Pss.Engine.Data;

/// <summary>Operations on run-length masks in column-major order, zeros first. Results are canonical: only the first run may be empty.</summary>
internal static class RunLengthMask
{
    /// <summary>Converts a mask to run lengths: polygons are filled and united, run-length masks are checked.</summary>
    /// <param name="segmentation">The mask.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon or the runs are invalid, or the mask is of another size than the image.</exception>
    public static RleSegmentation From(Segmentation segmentation, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(segmentation);
        switch (segmentation)
        {
            case PolygonSegmentation polygons:
                return FromPolygons(polygons.Polygons, height, width);
            case RleSegmentation mask when mask.Height == height && mask.Width == width:
                Check(mask);
                return mask;
            case RleSegmentation mask:
                throw new ArgumentException($"the mask is {mask.Width} x {mask.Height}, but the image is {width} x {height}", nameof(segmentation));
            default:
                throw new ArgumentException($"{segmentation.GetType().Name} is neither polygons nor a run-length mask", nameof(segmentation));
        }
    }

    /// <summary>The union of filled polygons, to the pixel as COCO's own tools fill them.</summary>
    /// <param name="polygons">Each polygon as x, y, x, y, ...: at least three corners, which may lie outside the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon has fewer than three corners, an odd number of coordinates, or a coordinate that is not a number or beyond
    /// a million pixels.</exception>
    public static RleSegmentation FromPolygons(IReadOnlyList<double[]> polygons, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(polygons);
        CheckSize(height, width);
        RleSegmentation? all = null;
        foreach (var polygon in polygons)
        {
            var part = PolygonFill.Fill(polygon, height, width);
            all = all is null ? part : Union(all, part);
        }
        return all ?? new RleSegmentation(height, width, [height * width]);
    }

    /// <summary>Makes a mask from pixels in rows: pixel (x, y) at y * width + x.</summary>
    /// <exception cref="ArgumentException">The bitmap does not hold height times width pixels.</exception>
    public static RleSegmentation FromBitmap(ReadOnlySpan<bool> bitmap, int height, int width)
    {
        CheckSize(height, width);
        if (bitmap.Length != height * width)
            throw new ArgumentException($"the bitmap holds {bitmap.Length} pixels, but {width} x {height} are {height * width}", nameof(bitmap));
        var runs = new Runs();
        for (var x = 0; x < width; x++)
            for (var y = 0; y < height; y++)
                runs.Add(bitmap[y * width + x], 1);
        return runs.ToMask(height, width);
    }

    /// <summary>The mask as pixels in rows: pixel (x, y) at y * width + x.</summary>
    public static bool[] ToBitmap(RleSegmentation mask)
    {
        Check(mask);
        var bitmap = new bool[mask.Height * mask.Width];
        var at = 0;
        for (var i = 0; i < mask.Counts.Length; at += mask.Counts[i++])
            if (i % 2 == 1)
                for (var p = at; p < at + mask.Counts[i]; p++)
                    bitmap[p % mask.Height * mask.Width + p / mask.Height] = true;
        return bitmap;
    }

    /// <summary>The mask as bytes, 0 or 1, down the columns: pixel (x, y) at x * height + y.</summary>
    public static byte[] ToColumns(RleSegmentation mask)
    {
        Check(mask);
        var pixels = new byte[mask.Height * mask.Width];
        for (int i = 0, at = 0; i < mask.Counts.Length; at += mask.Counts[i++])
            if (i % 2 == 1)
                pixels.AsSpan(at, mask.Counts[i]).Fill(1);
        return pixels;
    }

    /// <summary>Makes a mask from bytes, 0 or 1, down the columns; see <see cref="ToColumns"/>.</summary>
    public static RleSegmentation FromColumns(ReadOnlySpan<byte> pixels, int height, int width)
    {
        CheckSize(height, width);
        if (pixels.Length != height * width)
            throw new ArgumentException($"the mask holds {pixels.Length} pixels, but {width} x {height} are {height * width}", nameof(pixels));
        var counts = new List<int>();
        for (byte value = 1; pixels.Length > 0; value ^= 1)
        {
            var end = pixels.IndexOf(value);
            counts.Add(end < 0 ? pixels.Length : end);
            pixels = pixels[counts[^1]..];
        }
        return new(height, width, [.. counts]);
    }

    /// <summary>The pixels that are in at least one of two masks of the same size.</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a mask's runs are invalid.</exception>
    public static RleSegmentation Union(RleSegmentation a, RleSegmentation b) => Merge(a, b, intersect: false);

    /// <summary>The pixels that are in both of two masks of the same size.</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a mask's runs are invalid.</exception>
    public static RleSegmentation Intersection(RleSegmentation a, RleSegmentation b) => Merge(a, b, intersect: true);

    /// <summary>Number of pixels that are set.</summary>
    public static int Area(RleSegmentation mask)
    {
        Check(mask);
        var area = 0;
        for (var i = 1; i < mask.Counts.Length; i += 2)
            area += mask.Counts[i];
        return area;
    }

    /// <summary>The smallest box around the pixels that are set; all zero for an empty mask.</summary>
    public static BoundingBox Bounds(RleSegmentation mask)
    {
        Check(mask);
        int left = int.MaxValue, top = int.MaxValue, right = -1, bottom = -1, at = 0;
        for (var i = 0; i < mask.Counts.Length; at += mask.Counts[i++])
        {
            if (i % 2 == 0 || mask.Counts[i] == 0)
                continue;
            var last = at + mask.Counts[i] - 1;
            var (x1, x2) = (at / mask.Height, last / mask.Height);
            left = Math.Min(left, x1);
            right = x2;
            top = x2 > x1 ? 0 : Math.Min(top, at % mask.Height);
            bottom = x2 > x1 ? mask.Height - 1 : Math.Max(bottom, last % mask.Height);
        }
        return right < 0 ? default : new BoundingBox(left, top, right - left + 1, bottom - top + 1);
    }

    /// <summary>Intersection over union of two masks, from 0 to 1; for a crowd, intersection over the detection's area.</summary>
    /// <param name="detection">The detection's mask.</param>
    /// <param name="groundTruth">The object's mask.</param>
    /// <param name="isCrowd">The object is a crowd.</param>
    /// <exception cref="ArgumentException">The sizes differ (COCO's own tools return -1), or a mask's runs are invalid.</exception>
    public static double IoU(RleSegmentation detection, RleSegmentation groundTruth, bool isCrowd)
    {
        CheckPair(detection, groundTruth);
        return new MeasuredMask(detection).IoU(new MeasuredMask(groundTruth), isCrowd);
    }

    /// <summary>Checks that the runs are not negative and fill the mask exactly.</summary>
    internal static void Check(RleSegmentation mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        CheckSize(mask.Height, mask.Width);
        long sum = 0;
        foreach (var run in mask.Counts)
            sum += run >= 0 ? run : throw new ArgumentException(FormattableString.Invariant($"the mask has a run of {run} pixels"), nameof(mask));
        if (sum != (long)mask.Height * mask.Width)
            throw new ArgumentException($"the mask's runs sum to {sum}, but {mask.Width} x {mask.Height} are {(long)mask.Height * mask.Width} pixels",
                nameof(mask));
    }

    private static void CheckSize(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)height * width, int.MaxValue, "height * width");
    }

    private static void CheckPair(RleSegmentation a, RleSegmentation b)
    {
        Check(a);
        Check(b);
        if (a.Height != b.Height || a.Width != b.Width)
            throw new ArgumentException($"one mask is {a.Width} x {a.Height}, the other {b.Width} x {b.Height}", nameof(b));
    }

    private static RleSegmentation Merge(RleSegmentation a, RleSegmentation b, bool intersect)
    {
        CheckPair(a, b);
        var runs = new Runs();
        int i = 0, j = 0, inA = a.Counts[0], inB = b.Counts[0];
        for (var left = a.Height * a.Width; left > 0;)
        {
            while (inA == 0)
                inA = a.Counts[++i];
            while (inB == 0)
                inB = b.Counts[++j];
            var step = Math.Min(inA, inB);
            var (setA, setB) = (i % 2 == 1, j % 2 == 1);
            runs.Add(intersect ? setA && setB : setA || setB, step);
            inA -= step;
            inB -= step;
            left -= step;
        }
        return runs.ToMask(a.Height, a.Width);
    }

    /// <summary>Collects runs and merges neighbors of equal value.</summary>
    private sealed class Runs
    {
        private readonly List<int> _counts = [0];

        public void Add(bool set, int length)
        {
            if (_counts.Count % 2 == (set ? 0 : 1))
                _counts[^1] += length;
            else
                _counts.Add(length);
        }

        public RleSegmentation ToMask(int height, int width) => new(height, width, [.. _counts]);
    }
}
