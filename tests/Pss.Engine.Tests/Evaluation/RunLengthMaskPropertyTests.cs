using CsCheck;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;

namespace Pss.Engine.Tests.Evaluation;

/// <summary>What holds for all masks.</summary>
public sealed class RunLengthMaskPropertyTests
{
    private static readonly Gen<(int Height, int Width)> Size = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40]);

    private static readonly Gen<(RleSegmentation A, RleSegmentation B)> Pairs = Size.SelectMany(size =>
        Gen.Select(Mask(size.Height, size.Width), Mask(size.Height, size.Width)));

    [Fact]
    public void A_bitmap_comes_back_from_its_runs_and_from_their_text() => Size.SelectMany(size => Mask(size.Height, size.Width)).Sample(mask =>
    {
        var bitmap = RunLengthMask.ToBitmap(mask);
        Assert.Equal(mask, RunLengthMask.FromBitmap(bitmap, mask.Height, mask.Width));
        Assert.Equal(mask, RleSegmentation.FromCompressed(mask.Height, mask.Width, mask.ToCompressed()));
        Assert.Equal(bitmap.Count(set => set), RunLengthMask.Area(mask));
    }, iter: 300, threads: 1);

    [Fact]
    public void Runs_of_any_length_come_back_from_their_text() =>
        Gen.Int[0, 40_000].Array[1, 30].Select(counts => new RleSegmentation(counts.Sum() + 1, 1, [.. counts, 1])).Sample(mask =>
            Assert.Equal(mask, RleSegmentation.FromCompressed(mask.Height, mask.Width, mask.ToCompressed())), iter: 300, threads: 1);

    [Fact]
    public void Areas_of_union_and_intersection_add_up() => Pairs.Sample((a, b) =>
    {
        var (union, common) = (RunLengthMask.Area(RunLengthMask.Union(a, b)), RunLengthMask.Area(RunLengthMask.Intersection(a, b)));
        Assert.Equal(RunLengthMask.Area(a) + RunLengthMask.Area(b), union + common);
        Assert.Equal(RunLengthMask.Union(a, b), RunLengthMask.Union(b, a));
        Assert.Equal(RunLengthMask.Intersection(a, b), RunLengthMask.Intersection(b, a));
    }, iter: 300, threads: 1);

    [Fact]
    public void Overlap_is_symmetric_and_within_0_and_1() => Pairs.Sample((a, b) =>
    {
        var overlap = RunLengthMask.IoU(a, b, isCrowd: false);
        Assert.InRange(overlap, 0, 1);
        Assert.Equal(overlap, RunLengthMask.IoU(b, a, isCrowd: false));
    }, iter: 300, threads: 1);

    private static Gen<RleSegmentation> Mask(int height, int width) =>
        Gen.Bool.Array[height * width].Select(bitmap => RunLengthMask.FromBitmap(bitmap, height, width));
}
