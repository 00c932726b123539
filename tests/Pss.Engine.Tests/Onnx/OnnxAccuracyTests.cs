using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Onnx;
using Xunit.Abstractions;

namespace Pss.Engine.Tests.Onnx;

/// <summary>An exported detector has the library's AP in a program that knows only ONNX Runtime, whatever it pads with.</summary>
[Collection(nameof(RectangleDetector))]
public sealed class OnnxAccuracyTests(RectangleDetector trained, ITestOutputHelper output)
{
    private const double Tolerance = 0.002;
    private const int Batch = 3;
    private const int Side = 96;
    private static readonly Resize Square = Resize.Letterbox(Side, Side);

    [Theory]
    [InlineData("letterbox")]
    [InlineData("letterbox of no multiple of 32")]
    [InlineData("shortest edge")]
    public void An_image_at_its_own_size(string rule)
    {
        using var session = OrtSessions.Open(OnnxExporter.Export(trained.Model with { Resize = Rule(rule) }));
        Check(rule, Rule(rule), [.. trained.Images.Select(image => ForeignCallers.Image(session, image))]);
    }

    [Theory]
    [InlineData("letterbox")]
    [InlineData("shortest edge")]
    public void Batches_of_images_at_their_own_sizes(string rule)
    {
        var options = new OnnxExportOptions { BatchSize = null };
        using var session = OrtSessions.Open(OnnxExporter.Export(trained.Model with { Resize = Rule(rule) }, options));
        foreach (var (name, pad) in Paddings)
            Check($"{rule}, {name}", Rule(rule), [.. trained.Images.Chunk(Batch).SelectMany(images => ForeignCallers.Images(session, images, pad, margin: 40))], Batch);
    }

    [Fact]
    public void Images_scaled_by_the_caller()
    {
        using var session = OrtSessions.Open(OnnxExporter.Export(trained.Model, new() { ScaleImages = false }));
        foreach (var (name, pad) in Paddings)
            Check(name, Square, [.. trained.Images.Select(image => ForeignCallers.Plain(session, image, Side, Side, pad))]);
    }

    /// <summary>The same without sizes: padding does cost accuracy here, so that the other tests can fail.</summary>
    [Fact]
    public void Without_sizes_padding_is_seen()
    {
        using var session = OrtSessions.Open(OnnxExporter.Export(trained.Model, new() { ScaleImages = false, ImageSizes = false }));
        var found = Paddings.Select(padding => trained.AP(
            [.. trained.Images.Select(image => ForeignCallers.Plain(session, image, Side, Side, padding.Pad, withSizes: false))])).ToArray();
        output.WriteLine(string.Join(" ", found));
        Assert.Contains(found, ap => ap < trained.LibraryAP(Square, 1) - 2 * Tolerance);
    }

    private static (string Name, Action<byte[]> Pad)[] Paddings =>
        [("black", _ => { }), ("gray", bytes => Array.Fill(bytes, (byte)114)), ("noise", new Random(7).NextBytes)];

    private static Resize Rule(string name) => name switch
    {
        "letterbox" => Square,
        "shortest edge" => Resize.ShortestEdge(64, 100),
        _ => Resize.Letterbox(100, 90),
    };

    private void Check(string name, Resize rule, IReadOnlyList<IReadOnlyList<Detection>> found, int batch = 1)
    {
        var (expected, ap) = (trained.LibraryAP(rule, batch), trained.AP(found));
        output.WriteLine($"{name}: library {expected}, ONNX Runtime {ap}");
        Assert.InRange(expected, 0.2, 1);
        Assert.InRange(ap, expected - Tolerance, expected + Tolerance);
    }
}
