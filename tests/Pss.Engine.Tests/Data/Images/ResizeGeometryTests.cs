using CsCheck;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Images;

public sealed class ResizeGeometryTests
{
    private static readonly Gen<Resize> Resizes = Gen.OneOf(
        Gen.Select(Gen.Int[1, 1500], Gen.Int[1, 1500], Resize.Letterbox),
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 1000], (shortest, more) => Resize.ShortestEdge(shortest, shortest + more)));

    private static readonly Gen<ResizeGeometry> Samples =
        from resize in Resizes
        from width in Gen.Int[1, 5000]
        from height in Gen.Int[1, 5000]
        select resize.For(width, height);

    [Fact]
    public void A_picture_lies_within_the_input() => Samples.Sample(geometry =>
    {
        Assert.InRange(geometry.Width, 1, geometry.OutWidth);
        Assert.InRange(geometry.Height, 1, geometry.OutHeight);
    }, iter: 1000, threads: 1);
}
