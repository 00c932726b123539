using CsCheck;
using Pss.Engine.Boxes;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Boxes;

/// <summary>What holds for all boxes.</summary>
public sealed class BoxPropertyTests
{
    private const int Boxes = 16;
    private const int Samples = 100;

    /// <summary>Boxes as left, top, width and height, from a thousandth of a pixel to a large image.</summary>
    private static readonly Gen<double[]> Sides =
        Gen.Select(Gen.Double[-2000, 2000], Gen.Double[-2000, 2000], Gen.Double[1e-3, 2000], Gen.Double[1e-3, 2000], (x, y, width, height) => (double[])[x, y, x + width, y + height])
            .Array[Boxes].Select(boxes => boxes.SelectMany(box => box).ToArray());

    [Theory]
    [InlineData(BoxEncoding.Distances)]
    [InlineData(BoxEncoding.Deltas)]
    public void Decoding_undoes_encoding(BoxEncoding encoding) =>
        Gen.Select(Sides, Gen.Double[-2000, 2000].Array[2 * Boxes], Gen.OneOf(4, 8, 16, 32, 64, 128).Array[Boxes], Gen.Double[1, 16]).Sample((boxes, at, strides, scale) =>
        {
            // Larger size ratios are cut off on purpose.
            for (var i = 0; i < boxes.Length; i += 4)
                for (var axis = 0; axis < 2; axis++)
                    boxes[i + 2 + axis] = boxes[i + axis] + Math.Clamp(boxes[i + 2 + axis] - boxes[i + axis], strides[i / 4] * scale / 60, strides[i / 4] * scale * 60);
            using var scope = NewDisposeScope();
            var (points, units) = (tensor(at).view(Boxes, 2), tensor(strides.Select(stride => (double)stride).ToArray()));
            var code = BoxCoder.For(encoding, scale).Encode(ToTensor(boxes), points, units);
            var decoded = BoxCoder.For(encoding, scale).Decode(code, points, units).data<double>().ToArray();
            Assert.All(boxes.Zip(decoded), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
        }, iter: Samples, threads: 1);

    [Fact]
    public void Overlap_is_symmetric_and_within_0_and_1() => Gen.Select(Sides, Sides).Sample((a, b) =>
    {
        using var scope = NewDisposeScope();
        var overlaps = BoxOps.IouMatrix(ToTensor(a), ToTensor(b)).data<double>().ToArray();
        var swapped = BoxOps.IouMatrix(ToTensor(b), ToTensor(a)).transpose(0, 1).contiguous().data<double>().ToArray();
        Assert.All(overlaps.Zip(swapped), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(overlaps, overlap => Assert.InRange(overlap, 0, 1 + 1e-12));
    }, iter: Samples, threads: 1);

    [Fact]
    public void A_box_overlaps_itself_wholly() => Sides.Sample(a =>
    {
        using var scope = NewDisposeScope();
        var overlaps = BoxOps.IouMatrix(ToTensor(a), ToTensor(a)).diagonal().contiguous().data<double>().ToArray();
        // The least union is 1e-6: what a box of a thousandth of a pixel a side has.
        Assert.All(overlaps, overlap => Assert.Equal(1, overlap, 1e-6));
    }, iter: Samples, threads: 1);

    [Fact]
    public void Generalized_overlap_is_at_most_the_overlap_and_within_minus_1_and_1() => Gen.Select(Sides, Sides).Sample((a, b) =>
    {
        using var scope = NewDisposeScope();
        var overlaps = BoxOps.IouMatrix(ToTensor(a), ToTensor(b)).diagonal().contiguous().data<double>().ToArray();
        var generalized = BoxOps.GeneralizedIou(ToTensor(a), ToTensor(b)).data<double>().ToArray();
        Assert.All(generalized.Zip(overlaps), pair => Assert.InRange(pair.First, -1 - 1e-9, pair.Second + 1e-9));
    }, iter: Samples, threads: 1);

    private static Tensor ToTensor(double[] boxes) => tensor(boxes).view(-1, 4);
}
