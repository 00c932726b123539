using System.Text.Json.Serialization;

namespace Pss.Engine.Data;

/// <summary>The mask of an object: polygons or run lengths. Make one with <see cref="FromPolygons"/>, <see cref="FromRuns"/> or
/// <see cref="FromCompressed"/>.</summary>
[JsonDerivedType(typeof(PolygonSegmentation), "polygons")]
[JsonDerivedType(typeof(RleSegmentation), "rle")]
public abstract record Segmentation
{
    private protected Segmentation()
    {
    }

    /// <summary>Rows and columns of run lengths; null for polygons, which have no size of their own. Masks of detections have the size of the
    /// image.</summary>
    [JsonIgnore]
    public virtual (int Height, int Width)? Size => null;

    /// <summary>A mask of one value per pixel, row by row.</summary>
    /// <param name="bitmap">Height times width values.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">The bitmap does not hold height times width pixels.</exception>
    public static Segmentation FromBitmap(ReadOnlySpan<bool> bitmap, int height, int width) => RunLengthMask.FromBitmap(bitmap, height, width);

    /// <summary>A mask of one or more polygons whose union is the object.</summary>
    /// <param name="polygons">Each polygon as x, y, x, y, ... in pixels of the original image: at least three corners.</param>
    public static Segmentation FromPolygons(IReadOnlyList<double[]> polygons) => new PolygonSegmentation(polygons);

    /// <summary>A mask of run lengths.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="counts">Lengths of alternating runs of 0 and 1 down the columns, beginning with 0 (COCO's uncompressed "counts").</param>
    public static Segmentation FromRuns(int height, int width, int[] counts) => new RleSegmentation(height, width, counts);

    /// <summary>A mask of COCO's compressed run lengths.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <param name="counts">The text "counts" of a segmentation.</param>
    /// <exception cref="FormatException">The text is damaged.</exception>
    public static Segmentation FromCompressed(int height, int width, string counts) => RleSegmentation.FromCompressed(height, width, counts);

    /// <summary>The mask as one value per pixel, row by row; polygons are filled as COCO's own tools fill them.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon or the runs are invalid, or a run-length mask is of another size than the image.</exception>
    public bool[] ToBitmap(int height, int width) => ToRuns(height, width).ToBitmap();

    /// <summary>The mask as COCO's compressed run lengths, the text "counts" of a segmentation.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon or the runs are invalid, or a run-length mask is of another size than the image.</exception>
    public string ToCompressed(int height, int width) => ToRuns(height, width).ToCompressed();

    /// <summary>The mask as run lengths of an image of this size: polygons are filled as COCO's own tools fill them.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon or the runs are invalid, or a run-length mask is of another size than the image.</exception>
    internal RleSegmentation ToRuns(int height, int width) => RunLengthMask.From(this, height, width);
}
