using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// 3x3 convolutions by minimal filtering, F(4x4, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks": 4x4 outputs from 6x6 inputs with 36
/// multiplications per pair of channels instead of 144, and their gradients with as few. Results differ from the direct sum by about 1e-5 of the largest.
/// N images, T tiles, I input and O output channels.
/// </summary>
internal static class Winograd
{
    private const int Tile = 4;
    private const int Points = 6;

    // As many at a time as stay in the cache with their 36 values per channel.
    private const long TilesAtOnce = 64;

    // The sum over tiles is kept between blocks: 36 values for each pair of channels, which is read and written once for each.
    private const long TilesAtOnceOfGradient = 256;

    private static readonly double[,] InputTransform =
    {
        { 4, 0, -5, 0, 1, 0 }, { 0, -4, -4, 1, 1, 0 }, { 0, 4, -4, -1, 1, 0 }, { 0, -2, -1, 2, 1, 0 }, { 0, 2, -1, -2, 1, 0 }, { 0, 4, 0, -5, 0, 1 },
    };

    private static readonly double[,] WeightTransform =
    {
        { 1 / 4d, 0, 0 }, { -1 / 6d, -1 / 6d, -1 / 6d }, { -1 / 6d, 1 / 6d, -1 / 6d }, { 1 / 24d, 1 / 12d, 1 / 6d }, { 1 / 24d, -1 / 12d, 1 / 6d }, { 0, 0, 1 },
    };

    private static readonly double[,] OutputTransform =
    {
        { 1, 1, 1, 1, 1, 0 }, { 0, 1, -1, 2, -2, 0 }, { 0, 1, 1, 4, 4, 0 }, { 0, 1, -1, 8, -8, 1 },
    };

    /// <summary>T of maps of a shape.</summary>
    /// <param name="shape">[N, channels, H, W].</param>
    public static long Tiles(long[] shape) => shape[0] * TilesAlong(shape[2]) * TilesAlong(shape[3]);

    /// <summary>G g G^T: a weight, [O, I, 3, 3], at the points of a tile, [36, I, O].</summary>
    public static Tensor Transform(Tensor weight)
    {
        using var scope = NewDisposeScope();
        return AtPoints(weight).transpose(1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The convolution of maps [N, I, H, W] with a padding of 1: [N, O, H, W].</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="transformed">The weight by <see cref="Transform"/>.</param>
    /// <param name="bias">[O], or null.</param>
    public static Tensor Convolve(Tensor maps, Tensor transformed, Tensor? bias = null)
    {
        using var scope = NewDisposeScope();
        var (images, channels, height, width) = (maps.shape[0], maps.shape[1], maps.shape[2], maps.shape[3]);
        var (rows, columns, outputs) = (TilesAlong(height), TilesAlong(width), transformed.shape[2]);
        var (tiles, toPoints, toOutputs) = (Overlapping(maps), OnBothAxes(InputTransform, maps), OnBothAxes(OutputTransform, maps));
        var output = empty([images, rows, Tile, columns, Tile, outputs], maps.dtype, maps.device);
        foreach (var (row, count) in Blocks(rows, TilesAtOnce / (images * columns)))
        {
            using var block = NewDisposeScope();
            // B^T d B, channel by channel: [36, T, I]; the products: [36, T, O]; A^T m A: [16, T O].
            var points = toPoints.mm(tiles.narrow(3, row, count).reshape(Points * Points, -1)).view(Points * Points, -1, channels);
            var products = points.bmm(transformed).view(Points * Points, -1);
            var filtered = toOutputs.mm(products).view(Tile, Tile, images, count, columns, outputs);
            output.narrow(1, row, count).copy_(filtered.permute(2, 3, 0, 4, 1, 5));
        }

        output = output.view(images, Tile * rows, Tile * columns, outputs);
        if (bias is not null)
            output.AddInPlace(bias);
        return output.narrow(1, 0, height).narrow(2, 0, width).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the maps: the convolution of the outputs' by the weight turned around.</summary>
    /// <param name="gradient">The outputs' gradient, [N, O, H, W].</param>
    /// <param name="weight">[O, I, 3, 3].</param>
    public static Tensor GradientOfMaps(Tensor gradient, Tensor weight)
    {
        using var scope = NewDisposeScope();
        return Convolve(gradient, AtPoints(weight.flip(2, 3))).MoveToOuterDisposeScope();
    }

    /// <summary>The gradient of the weight, [O, I, 3, 3], stored with the channels innermost: the transforms' transposes, in reverse.</summary>
    /// <param name="maps">[N, I, H, W].</param>
    /// <param name="gradient">The outputs' gradient, [N, O, H, W].</param>
    public static Tensor GradientOfWeight(Tensor maps, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var (images, channels, outputs) = (maps.shape[0], maps.shape[1], gradient.shape[1]);
        var (rows, columns) = (TilesAlong(maps.shape[2]), TilesAlong(maps.shape[3]));
        var (tiles, toPoints, fromOutputs) = (Overlapping(maps), OnBothAxes(InputTransform, maps), OnBothAxes(OutputTransform, maps).t());
        var adjoining = Padded(gradient, 0).view(images, rows, Tile, columns, Tile, outputs).permute(2, 4, 0, 1, 3, 5);
        Tensor? sum = null;
        foreach (var (row, count) in Blocks(rows, TilesAtOnceOfGradient / (images * columns)))
        {
            using var block = NewDisposeScope();
            var points = toPoints.mm(tiles.narrow(3, row, count).reshape(Points * Points, -1)).view(Points * Points, -1, channels);
            var products = fromOutputs.mm(adjoining.narrow(3, row, count).reshape(Tile * Tile, -1)).view(Points * Points, -1, outputs);
            var ofBlock = products.transpose(1, 2).bmm(points);
            sum = sum?.AddInPlace(ofBlock) ?? ofBlock.MoveToOuterDisposeScope();
        }
        var taps = OnBothAxes(WeightTransform, maps).t().mm(sum!.view(Points * Points, -1)).view(3, 3, outputs, channels);
        return taps.permute(2, 3, 0, 1).ToChannelsLast().MoveToOuterDisposeScope();
    }

    /// <summary>A weight at the points of a tile, [36, O, I]: in this order nothing is transposed that is stored with the channels innermost.</summary>
    private static Tensor AtPoints(Tensor weight)
    {
        var taps = weight.permute(2, 3, 0, 1).reshape(9, -1);
        return OnBothAxes(WeightTransform, taps).mm(taps).view(Points * Points, weight.shape[0], weight.shape[1]);
    }

    private static IEnumerable<(long First, long Count)> Blocks(long rows, long atOnce)
    {
        var step = Math.Max(1, atOnce);
        for (long row = 0; row < rows; row += step)
            yield return (row, Math.Min(step, rows - row));
    }

    /// <summary>Overlapping tiles with the channels innermost: [6, 6, N, rows, columns, channels].</summary>
    private static Tensor Overlapping(Tensor maps) => Padded(maps, 1).unfold(1, Points, Tile).unfold(2, Points, Tile).permute(4, 5, 0, 1, 2, 3);

    /// <summary>Maps filled up with zeros to whole tiles, and a border around them: [N, H, W, channels].</summary>
    private static Tensor Padded(Tensor maps, long border)
    {
        var (height, width) = (maps.shape[2], maps.shape[3]);
        return functional.pad(
            maps.permute(0, 2, 3, 1), [0, 0, border, Tile * TilesAlong(width) - width + border, border, Tile * TilesAlong(height) - height + border]);
    }

    private static long TilesAlong(long size) => (size + Tile - 1) / Tile;

    /// <summary>The Kronecker square of a transform: what it does to rows and columns at once.</summary>
    private static Tensor OnBothAxes(double[,] transform, Tensor like)
    {
        var (rows, columns) = (transform.GetLength(0), transform.GetLength(1));
        var square = new double[rows * rows * columns * columns];
        for (var i = 0; i < square.Length; i++)
        {
            var (row, column) = (i / (columns * columns), i % (columns * columns));
            square[i] = transform[row / rows, column / columns] * transform[row % rows, column % columns];
        }
        return tensor(square).view(rows * rows, columns * columns).to(like.dtype).to(like.device);
    }
}
