namespace Pss.Engine.Data.Augmentation;

/// <summary>Takes the objects of an image through an affine map.</summary>
internal static class AffineObjects
{
    /// <summary>The objects on a canvas. A box is that of its corners, or of the mask where the map turns or shears and there is one; it may leave the
    /// canvas.</summary>
    /// <param name="sample">The image with its objects.</param>
    /// <param name="map">From positions of the image to those of the canvas.</param>
    /// <param name="width">Width of the canvas.</param>
    /// <param name="height">Height of the canvas.</param>
    public static (float[] Boxes, Segmentation?[]? Masks) Map(TrainingSample sample, AffineTransform map, int width, int height)
    {
        var boxes = new float[sample.Boxes.Length];
        for (var i = 0; i < sample.Labels.Length; i++)
        {
            var bounds = new Bounds(map);
            if (map.KeepsRectangles || sample.Masks?[i] is not { } mask || !bounds.Add(mask))
                bounds.Add(sample.Boxes[4 * i], sample.Boxes[4 * i + 1], sample.Boxes[4 * i + 2], sample.Boxes[4 * i + 3]);
            bounds.CopyTo(boxes.AsSpan(4 * i, 4));
        }
        return (boxes, sample.Masks is null ? null : Array.ConvertAll(sample.Masks, mask => Map(mask, map, width, height)));
    }

    /// <summary>The sample without what lies outside its image: beside it other images or the fill would count as its objects.</summary>
    public static TrainingSample CutToImage(TrainingSample sample)
    {
        var (width, height) = (sample.Image.Width, sample.Image.Height);
        sample = Augmentations.Clip(sample);
        return sample.Masks is null ? sample : sample with
        {
            Masks = Array.ConvertAll(sample.Masks, mask => mask is PolygonSegmentation polygons && Leaves(polygons) ? polygons.ToRuns(height, width) : mask),
        };

        bool Leaves(PolygonSegmentation mask) =>
            mask.Polygons.Any(polygon => polygon.Where((at, i) => at < 0 || at > (i % 2 == 0 ? width : height)).Any());
    }

    private static Segmentation? Map(Segmentation? mask, AffineTransform map, int width, int height) => mask switch
    {
        PolygonSegmentation polygons => new PolygonSegmentation([.. polygons.Polygons.Select(polygon => Map(polygon, map))]),
        RleSegmentation runs when map.KeepsRectangles => new MaskTransform(map.XX, map.X0, map.YY, map.Y0, width, height).Apply(runs),
        RleSegmentation runs => Map(runs, map, width, height),
        _ => null,
    };

    private static double[] Map(double[] polygon, AffineTransform map)
    {
        var result = new double[polygon.Length];
        for (var i = 0; i + 1 < polygon.Length; i += 2)
            (result[i], result[i + 1]) = map.Map(polygon[i], polygon[i + 1]);
        return result;
    }

    /// <summary>Takes for every pixel of the canvas the pixel of the mask that its center lies in.</summary>
    private static RleSegmentation Map(RleSegmentation mask, AffineTransform map, int width, int height)
    {
        var (source, target, back) = (RunLengthMask.ToColumns(mask), new byte[width * height], map.Inverse());
        var corners = new float[4];
        var bounds = new Bounds(map);
        if (!bounds.Add(mask))
            return RunLengthMask.FromColumns(target, height, width);
        bounds.CopyTo(corners);
        var (top, bottom) = ((int)Math.Clamp(Math.Floor(corners[1]), 0, height), (int)Math.Clamp(Math.Ceiling(corners[3]), 0, height));
        var right = (int)Math.Clamp(Math.Ceiling(corners[2]), 0, width);
        for (var x = (int)Math.Clamp(Math.Floor(corners[0]), 0, width); x < right; x++)
            for (var y = top; y < bottom; y++)
            {
                var (atX, atY) = back.Map(x + 0.5, y + 0.5);
                if (atX >= 0 && atX < mask.Width && atY >= 0 && atY < mask.Height)
                    target[x * height + y] = source[(int)atX * mask.Height + (int)atY];
            }
        return RunLengthMask.FromColumns(target, height, width);
    }

    /// <summary>The bounds of mapped positions.</summary>
    private struct Bounds(AffineTransform map)
    {
        private double _left = double.PositiveInfinity, _top = double.PositiveInfinity, _right = double.NegativeInfinity, _bottom = double.NegativeInfinity;

        public readonly void CopyTo(Span<float> box) => (box[0], box[1], box[2], box[3]) = ((float)_left, (float)_top, (float)_right, (float)_bottom);

        /// <summary>Adds a mask; false if it has no pixel.</summary>
        public bool Add(Segmentation mask)
        {
            if (mask is PolygonSegmentation polygons)
                foreach (var polygon in polygons.Polygons)
                    for (var i = 0; i + 1 < polygon.Length; i += 2)
                        Add(polygon[i], polygon[i + 1]);
            else if (mask is RleSegmentation runs)
                AddRuns(runs);
            return _right > _left;
        }

        public void Add(double x1, double y1, double x2, double y2)
        {
            Add(x1, y1);
            Add(x2, y1);
            Add(x1, y2);
            Add(x2, y2);
        }

        private void AddRuns(RleSegmentation runs)
        {
            for (int i = 0, at = 0; i < runs.Counts.Length; at += runs.Counts[i++])
                for (var from = at; i % 2 == 1 && from < at + runs.Counts[i];)
                {
                    // One column's part of the run.
                    var (column, row) = (from / runs.Height, from % runs.Height);
                    var count = Math.Min(runs.Height - row, at + runs.Counts[i] - from);
                    Add(column, row, column + 1, row + count);
                    from += count;
                }
        }

        private void Add(double x, double y)
        {
            var (mappedX, mappedY) = map.Map(x, y);
            (_left, _right) = (Math.Min(_left, mappedX), Math.Max(_right, mappedX));
            (_top, _bottom) = (Math.Min(_top, mappedY), Math.Max(_bottom, mappedY));
        }
    }
}
