using Pss.Engine.Data.Loading;
using static TorchSharp.torch;

namespace Pss.Engine.Assignment;

/// <summary>The masks of the objects of N images, padded to G objects each, for detectors that learn masks.</summary>
/// <param name="Masks">0 or 1 as bytes, [N, G, H / 4, W / 4]: rows and columns 2, 6, 10, ... of the masks at the input's size H x W.</param>
/// <param name="Present">False where padded and for an object without a mask, [N, G].</param>
/// <param name="Centroids">Mean x and y index of each mask's pixels, [N, G, 2]; the center of the box where the mask has no pixels.</param>
/// <param name="Classes">The class of the smallest mask that covers a pixel, [N, H / 8, W / 8], at rows and columns 4, 12, 20, ...; -1 for none.</param>
internal sealed record MaskTargets(Tensor Masks, Tensor Present, Tensor Centroids, Tensor Classes)
{
    /// <summary>Packs the masks of a batch. The tensors belong to the dispose scope in force.</summary>
    /// <param name="masks">The masks of all objects, image by image.</param>
    /// <param name="objects">Number of objects of each image.</param>
    /// <param name="device">The device of the result.</param>
    public static MaskTargets Create(SampledMasks masks, int[] objects, Device device)
    {
        using var scope = NewDisposeScope();
        var (images, most, each) = (objects.Length, Math.Max(1, objects.Max()), masks.Rows * masks.Columns);
        var (pixels, present, centroids) = (new byte[(long)images * most * each], new bool[images * most], new float[2 * images * most]);
        var first = 0;
        for (var image = 0; image < images; image++)
        {
            Array.Copy(masks.Pixels, (long)first * each, pixels, (long)image * most * each, (long)objects[image] * each);
            Array.Copy(masks.Present, first, present, image * most, objects[image]);
            Array.Copy(masks.Centroids, 2 * first, centroids, 2 * image * most, 2 * objects[image]);
            first += objects[image];
        }
        return new(
            To(tensor(pixels, [images, most, masks.Rows, masks.Columns])), To(tensor(present, [images, most])), To(tensor(centroids, [images, most, 2])),
            To(tensor(masks.Classes, [images, masks.ClassRows, masks.ClassColumns])));

        Tensor To(Tensor values) => values.ToDevice(device).MoveToOuterDisposeScope();
    }
}
