using Pss.Engine.Data.Images;

namespace Pss.Engine.Data.Augmentation;

/// <summary>A decoded image with its objects, ready for augmentation and batching; crowds are removed.</summary>
/// <param name="Image">The pixels.</param>
/// <param name="Boxes">x1, y1, x2, y2 of each object in pixels of <paramref name="Image"/>: four numbers per label.</param>
/// <param name="Labels">The label of each object, 0 to C-1.</param>
internal sealed record TrainingSample(RgbImage Image, float[] Boxes, int[] Labels)
{
    /// <summary>The mask of each object in pixels of <see cref="Image"/>, with null for an object without one; null where masks were not asked
    /// for. Polygons may leave the image; run-length masks have its size.</summary>
    public Segmentation?[]? Masks { get; init; }

    /// <summary>Checks the boxes and masks. Boxes may leave the image: they are clipped later.</summary>
    /// <exception cref="InvalidDataException">A box is not finite or has no area, a mask is not of the image's size, or the numbers of boxes, masks and
    /// labels differ; the message names the object.</exception>
    internal void Validate()
    {
        if (Boxes.Length != 4 * Labels.Length)
            throw new InvalidDataException($"{Boxes.Length} coordinates do not fit {Labels.Length} labels; give four per label");
        if (Masks is not null && Masks.Length != Labels.Length)
            throw new InvalidDataException($"{Masks.Length} masks do not fit {Labels.Length} labels; give one per label, null for an object without a mask");
        for (var i = 0; i < Labels.Length; i++)
        {
            var (x1, y1, x2, y2) = (Boxes[4 * i], Boxes[4 * i + 1], Boxes[4 * i + 2], Boxes[4 * i + 3]);
            // Written so that a NaN fails too.
            if (!(x2 > x1 && y2 > y1 && float.IsFinite(x2 - x1) && float.IsFinite(y2 - y1)))
                throw new InvalidDataException(FormattableString.Invariant($"object {i} has the box ({x1}, {y1}, {x2}, {y2}); x1 < x2 and y1 < y2 must hold"));
            if (Masks?[i] is RleSegmentation runs && (runs.Width, runs.Height) != (Image.Width, Image.Height))
                throw new InvalidDataException($"object {i} has a mask of {runs.Width} x {runs.Height}, but the image is {Image.Width} x {Image.Height}");
        }
    }
}
