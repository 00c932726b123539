using System.Text.Json.Serialization;

namespace Pss.Engine.Data;

/// <summary>The mask of an object: <see cref="PolygonSegmentation"/> or <see cref="RleSegmentation"/>.</summary>
[JsonDerivedType(typeof(PolygonSegmentation), "polygons")]
[JsonDerivedType(typeof(RleSegmentation), "rle")]
public abstract record Segmentation
{
    private protected Segmentation()
    {
    }

    /// <summary>The mask as run lengths of an image of this size: polygons are filled as COCO's own tools fill them.</summary>
    /// <param name="height">Rows of the image.</param>
    /// <param name="width">Columns of the image.</param>
    /// <exception cref="ArgumentException">A polygon or the runs are invalid, or a run-length mask is of another size than the image.</exception>
    public RleSegmentation ToRuns(int height, int width) => RunLengthMask.From(this, height, width);
}
