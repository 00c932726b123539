using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Pss.Engine.Layers;

/// <summary>
/// A 3x3 convolution that inference may compute by minimal filtering, F(4x4, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional
/// Neural Networks": 4x4 outputs from 6x6 inputs with 36 multiplications per pair of channels instead of 144. Results differ from the
/// direct sum by about 1e-5 of the largest. N images, T tiles, I input and O output channels.
/// </summary>
/// <param name="convolution">The convolution; it stays its owner's.</param>
internal sealed class WinogradConvolution(SquareConvolution convolution) : IDisposable
{
    private const int Tile = 4;
    private const int Points = 6;

    // Below these the transforms cost more than the multiplications that they save.
    private const long LeastChannels = 64;
    private const long LeastTiles = 16;

    // As many at a time as stay in the cache with their 36 values per channel.
    private const long TilesAtOnce = 64;

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

    private Tensor? _transformed;

    /// <summary>Transforms the weight as it is now, if the convolution is of the kind; called once the weight is final.</summary>
    public void Prepare()
    {
        if (!convolution.IsOrdinary || convolution.Weight.shape is not [var outputs, var inputs, 3, 3] || convolution.Stride != 1
            || outputs < LeastChannels || inputs < 2 * LeastChannels)
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var taps = convolution.Weight.permute(2, 3, 1, 0).reshape(9, -1);
        _transformed?.Dispose();
        _transformed = OnBothAxes(WeightTransform, taps).mm(taps).view(Points * Points, inputs, outputs).DetachFromDisposeScope();
    }

    /// <summary>The convolution of a map [N, I, H, W], with a padding of 1: [N, O, H, W].</summary>
    public Tensor Apply(Tensor map) =>
        _transformed is not null && map.shape[0] * Tiles(map.shape[2]) * Tiles(map.shape[3]) >= LeastTiles
            ? Filter(map, _transformed, convolution.Bias)
            : convolution.call(map);

    /// <inheritdoc/>
    public void Dispose() => _transformed?.Dispose();

    private static Tensor Filter(Tensor map, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var (images, channels, height, width) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
        var (rows, columns, outputs) = (Tiles(height), Tiles(width), weight.shape[2]);

        // With the channels innermost, overlapping tiles: [6, 6, N, rows, columns, I].
        long[] border = [0, 0, 1, Tile * columns - width + 1, 1, Tile * rows - height + 1];
        var tiles = functional.pad(map.permute(0, 2, 3, 1), border).unfold(1, Points, Tile).unfold(2, Points, Tile).permute(4, 5, 0, 1, 2, 3);
        var (toPoints, toOutputs) = (OnBothAxes(InputTransform, map), OnBothAxes(OutputTransform, map));
        var output = empty([images, rows, Tile, columns, Tile, outputs], map.dtype, map.device);

        var step = Math.Max(1, TilesAtOnce / (images * columns));
        for (long row = 0; row < rows; row += step)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(step, rows - row);
            // B^T d B, channel by channel: [36, T, I]; the products: [36, T, O]; A^T m A: [16, T O].
            var points = toPoints.mm(tiles.narrow(3, row, count).reshape(Points * Points, -1)).view(Points * Points, -1, channels);
            var products = points.bmm(weight).view(Points * Points, -1);
            var filtered = toOutputs.mm(products).view(Tile, Tile, images, count, columns, outputs);
            output.narrow(1, row, count).copy_(filtered.permute(2, 3, 0, 4, 1, 5));
        }

        output = output.view(images, Tile * rows, Tile * columns, outputs);
        if (bias is not null)
            output.AddInPlace(bias);
        return output.narrow(1, 0, height).narrow(2, 0, width).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    private static long Tiles(long size) => (size + Tile - 1) / Tile;

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
