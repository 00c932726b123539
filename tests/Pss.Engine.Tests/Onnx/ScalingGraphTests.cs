using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Data.Images;
using Pss.Engine.Onnx;
using Pss.Engine.Onnx.Graphs;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Images are scaled inside a graph to the very pixels that the library gives.</summary>
public sealed class ScalingGraphTests
{
    private static readonly (int Width, int Height)[] Images = [(96, 64), (64, 96), (1, 1), (1, 300), (301, 2), (33, 31), (500, 375), (97, 640), (50, 50)];

    public static TheoryData<bool, int, int> Rules => new()
    {
        { true, 96, 64 },
        { true, 100, 90 },
        { true, 33, 200 },
        { false, 64, 96 },
        { false, 50, 77 },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Pixels_and_sizes_are_those_of_the_library(bool letterbox, int first, int second)
    {
        var rule = letterbox ? Resize.Letterbox(first, second) : Resize.ShortestEdge(first, second);
        using var session = OrtSessions.Open(Graph(rule).ToArray());
        foreach (var batch in (RgbImage[][])[[Noise(640, 480, 3)], .. Images.Select((size, i) => new[] { Noise(size.Width, size.Height, i), Noise(70, 60, 50 + i) })])
            Check(session, rule, batch);
    }

    private static void Check(InferenceSession session, Resize rule, RgbImage[] batch)
    {
        var geometries = batch.Select(image => rule.For(image.Width, image.Height)).ToArray();
        var (width, height) = (geometries.Max(geometry => RoundUp(geometry.OutWidth)), geometries.Max(geometry => RoundUp(geometry.OutHeight)));

        var (values, sizes, shape) = Run(session, batch);

        Assert.Equal([batch.Length, 3, height, width], shape);
        Assert.Equal(geometries.SelectMany(geometry => new float[] { geometry.Width, geometry.Height }), sizes);
        for (var i = 0; i < batch.Length; i++)
        {
            var expected = new byte[3 * width * height];
            (geometries[i] with { OutWidth = width, OutHeight = height }).WritePlanes(batch[i], expected);
            for (var at = 0; at < expected.Length; at++)
            {
                // Outside the scaled image the graph's values are masked later.
                var found = values[i * expected.Length + at];
                if (at % width < geometries[i].Width && at / width % height < geometries[i].Height)
                    Assert.True(expected[at] == found, $"image {i} of {batch[i].Width} x {batch[i].Height}, {at}: {expected[at]}, not {found}");
            }
        }

        static int RoundUp(int size) => (size + 31) / 32 * 32;
    }

    private static (float[] Values, float[] Sizes, long[] Shape) Run(InferenceSession session, RgbImage[] batch)
    {
        var (pixels, width, height) = ForeignCallers.Stack(batch, new Random(5).NextBytes);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [batch.Length, height, width, 3]);
        using var sizes = ForeignCallers.Sizes(batch.Select(image => (image.Width, image.Height)));
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["pixels", "sizes"], [input, sizes], ["values", "scaled"]);
        return (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetTensorDataAsSpan<float>().ToArray(), outputs[0].GetTensorTypeAndShape().Shape);
    }

    private static OnnxGraph Graph(Resize rule)
    {
        var graph = new OnnxGraph("scaling");
        var pixels = graph.Input("pixels", OnnxType.UInt8, "n", "height", "width", 3);
        var sizes = graph.Input("sizes", OnnxType.Float32, "n", 2);
        var scaling = new ScalingGraph(graph, pixels, sizes, rule);
        graph.Output(scaling.Scale(), "values", OnnxType.Float32, "n", 3, "h", "w");
        graph.Output(scaling.Sizes, "scaled", OnnxType.Float32, "n", 2);
        return graph;
    }

    private static RgbImage Noise(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }
}
