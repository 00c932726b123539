using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Training;

/// <summary>Objects so close that detection at local maxima (<see cref="Detectors.SelectorOptions.LocalMaxima"/>) counts them as one.</summary>
internal static class NeighboringObjects
{
    /// <summary>What detection at local maxima means for a dataset, in words.</summary>
    /// <param name="images">The images.</param>
    /// <param name="resize">How they are brought to the network's size.</param>
    /// <param name="taken">Whether the detector has it.</param>
    public static string Account(DetectionDataset images, Resize resize, bool taken)
    {
        var (all, lost) = Count(images, resize);
        return taken
            ? $"Detection without NMS keeps local maxima of the score only, by which it can lose {lost} of {all} objects here (SelectorOptions.LocalMaxima)."
            : $"Detection without NMS keeps all locations, not local maxima of the score only, by which it could lose {lost} of {all} objects here (SelectorOptions.LocalMaxima).";
    }

    /// <summary>The share of the objects that can be lost, 0 to 1.</summary>
    public static double Share(DetectionDataset images, Resize resize)
    {
        var (all, lost) = Count(images, resize);
        return all == 0 ? 0 : (double)lost / all;
    }

    /// <summary>
    /// The number of objects, and of those that lie, with their centers, on the location of another object of their class and level or on one of the eight around it, where
    /// that one is not lost itself.
    /// </summary>
    /// <param name="images">The images; crowds do not count.</param>
    /// <param name="resize">How they are brought to the network's size.</param>
    private static (int All, int Lost) Count(DetectionDataset images, Resize resize)
    {
        var (all, lost) = (0, 0);
        foreach (var image in images.Images)
        {
            var geometry = resize.For(image.Width, image.Height);
            var kept = new HashSet<(int Label, int Stride, int Row, int Column)>();
            foreach (var item in image.Objects.Where(item => !item.IsCrowd))
            {
                var (width, height) = (item.Box.Width * geometry.ScaleX, item.Box.Height * geometry.ScaleY);
                var stride = LevelShape.StrideFor(Math.Max(width, height));
                var row = (int)Math.Floor((item.Box.Y * geometry.ScaleY + height / 2) / stride);
                var column = (int)Math.Floor((item.Box.X * geometry.ScaleX + width / 2) / stride);
                all++;
                if (Around(row, column).Any(place => kept.Contains((item.Label, stride, place.Row, place.Column))))
                    lost++;
                else
                    kept.Add((item.Label, stride, row, column));
            }
        }
        return (all, lost);
    }

    private static IEnumerable<(int Row, int Column)> Around(int row, int column) =>
        from y in Enumerable.Range(row - 1, 3) from x in Enumerable.Range(column - 1, 3) select (y, x);
}
