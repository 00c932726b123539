using System.Globalization;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>The objects of N images, padded to the same count G (at least 1).</summary>
/// <param name="Boxes">x1, y1, x2, y2 in pixels of the input, [N, G, 4]; zero where padded.</param>
/// <param name="Labels">Classes 0..C-1, [N, G], 64-bit integers; zero where padded.</param>
/// <param name="Valid">False where padded, [N, G].</param>
/// <param name="ImageSizes">Width and height of each image inside the padded input, [N, 2]; null when it does not matter.</param>
internal sealed record BatchTargets(Tensor Boxes, Tensor Labels, Tensor Valid, Tensor? ImageSizes = null)
{
    /// <summary>Masks of the objects, for detectors that learn them; null for box detectors.</summary>
    public MaskTargets? Masks { get; init; }

    /// <summary>Centers of the objects, [N, G, 2]: of their boxes, or the centroids of their masks where masks are learnt, as in CondInst.</summary>
    public Tensor Centers() => Masks is { } masks ? masks.Centroids : Boxes.narrow(-1, 0, 2).Plus(Boxes.narrow(-1, 2, 2)).Times(0.5);

    /// <summary>Packs the objects of a batch. The tensors belong to the dispose scope in force.</summary>
    /// <param name="boxes">x1, y1, x2, y2 of each object, one array per image.</param>
    /// <param name="labels">The class of each object, one array per image.</param>
    /// <param name="classes">Number of classes, to check the labels against.</param>
    /// <param name="device">The device of the result.</param>
    /// <param name="imageSizes">Width and height of each image inside the padded input; null when it does not matter.</param>
    /// <exception cref="ArgumentException">
    /// Lengths that do not agree, a label out of range, or a box that is not finite or has no area.
    /// </exception>
    public static BatchTargets Create(
        IReadOnlyList<float[]> boxes, IReadOnlyList<int[]> labels, int classes, Device device,
        IReadOnlyList<(int Width, int Height)>? imageSizes = null)
    {
        int images = boxes.Count;
        if (images == 0 || images != labels.Count || (imageSizes is not null && imageSizes.Count != images))
        {
            throw new ArgumentException(
                $"There are boxes for {images} images, labels for {labels.Count} and sizes for {imageSizes?.Count ?? images}.",
                nameof(labels));
        }

        int most = Math.Max(1, labels.Max(image => image.Length));
        var packedBoxes = new float[images * most * 4];
        var packedLabels = new long[images * most];
        var valid = new bool[images * most];
        for (int image = 0; image < images; image++)
        {
            Check(image, boxes[image], labels[image], classes);
            boxes[image].CopyTo(packedBoxes, image * most * 4);
            for (int i = 0; i < labels[image].Length; i++)
                (packedLabels[image * most + i], valid[image * most + i]) = (labels[image][i], true);
        }

        using var scope = NewDisposeScope();
        float[]? packedSizes = imageSizes?.SelectMany(size => new float[] { size.Width, size.Height }).ToArray();
        var sizes = packedSizes is null ? null : tensor(packedSizes, [images, 2]).ToDevice(device);
        return new(
            tensor(packedBoxes, [images, most, 4]).ToDevice(device).MoveToOuterDisposeScope(),
            tensor(packedLabels, [images, most]).ToDevice(device).MoveToOuterDisposeScope(),
            tensor(valid, [images, most]).ToDevice(device).MoveToOuterDisposeScope(),
            sizes?.MoveToOuterDisposeScope());
    }

    private static void Check(int image, float[] boxes, int[] labels, int classes)
    {
        if (boxes.Length != 4 * labels.Length)
        {
            throw new ArgumentException(
                $"Image {image} of the batch has {boxes.Length} coordinates for {labels.Length} labels; there must be four each.", nameof(boxes));
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= classes)
            {
                throw new ArgumentException(
                    $"Object {i} of image {image} of the batch has label {labels[i]}; labels go from 0 to {classes - 1}.", nameof(labels));
            }

            var box = boxes.AsSpan(4 * i, 4);
            // Written so that a NaN fails too.
            if (!(box[2] > box[0] && box[3] > box[1] && float.IsFinite(box[0] + box[1] + box[2] + box[3])))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Object {i} of image {image} of the batch has the box ({box[0]}, {box[1]}, {box[2]}, {box[3]}); x1 < x2 and y1 < y2 must hold."),
                    nameof(boxes));
            }
        }
    }
}
