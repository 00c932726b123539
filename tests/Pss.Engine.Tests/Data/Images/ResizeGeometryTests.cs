using CsCheck;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Images;

public sealed class ResizeGeometryTests
{
    private static readonly Gen<Resize> Resizes = Gen.OneOf(
        Gen.Select(Gen.Int[1, 1500], Gen.Int[1, 1500], Resize.Letterbox),
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 1000], (shortest, more) => Resize.ShortestEdge(shortest, shortest + more)));

    private static readonly Gen<(ResizeGeometry Geometry, BoundingBox Box)> Samples =
        from resize in Resizes
        from width in Gen.Int[1, 5000]
        from height in Gen.Int[1, 5000]
        from sides in Gen.Double.Unit.Array[4]
        select (resize.For(width, height), BoundingBox.FromCorners(
            Math.Min(sides[0], sides[1]) * width, Math.Min(sides[2], sides[3]) * height, Math.Max(sides[0], sides[1]) * width, Math.Max(sides[2], sides[3]) * height));

    [Fact]
    public void A_box_comes_back_from_the_input() => Samples.Sample((geometry, box) =>
    {
        var back = geometry.ToOriginal(geometry.FromOriginal(box));
        Assert.Equal(box.X, back.X, 1e-8);
        Assert.Equal(box.Y, back.Y, 1e-8);
        Assert.Equal(box.X2, back.X2, 1e-8);
        Assert.Equal(box.Y2, back.Y2, 1e-8);
    }, iter: 1000, threads: 1);

    [Fact]
    public void A_picture_lies_within_the_input() => Samples.Sample((geometry, box) =>
    {
        Assert.InRange(geometry.Width, 1, geometry.OutWidth);
        Assert.InRange(geometry.Height, 1, geometry.OutHeight);
        var scaled = geometry.FromOriginal(box);
        Assert.InRange(scaled.X, 0, geometry.OutWidth + 1e-8);
        Assert.InRange(scaled.Y2, 0, geometry.OutHeight + 1e-8);
    }, iter: 1000, threads: 1);
}
