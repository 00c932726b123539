using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Onnx.Protobuf;

namespace Pss.Engine.Tests.Onnx;

public sealed class OnnxGraphTests
{
    [Fact]
    public void A_graph_is_written_as_it_was_built()
    {
        using var folder = new TemporaryFolder();
        Sample().Write(folder["a.onnx"]);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["a.onnx"]));
        Assert.Equal(8, model.IrVersion);
        Assert.Equal(17, Assert.Single(model.OpsetImport).Version);
        Assert.Equal("classes=disc,square", string.Join(";", model.MetadataProps.Select(pair => $"{pair.Key}={pair.Value}")));

        var input = Assert.Single(model.Graph.Input);
        Assert.Equal(("image", 2), (input.Name, input.Type.TensorType.ElemType));
        Assert.Equal(["batch", "64", "96", "3"], input.Type.TensorType.Shape.Dim.Select(size => size.DimParam.Length > 0 ? size.DimParam : $"{size.DimValue}"));
        Assert.Equal(["features", "top", "index"], model.Graph.Output.Select(output => output.Name));

        var weight = model.Graph.Initializer.Single(tensor => tensor.Name == "conv.weight");
        Assert.Equal([4, 3, 3, 3], weight.Dims);
        Assert.Equal((1, 4 * 27 * 4), (weight.DataType, weight.RawData.Length));
        Assert.Equal(Numbers(4 * 27)[5], BitConverter.ToSingle(weight.RawData.Span[20..]));

        var conv = model.Graph.Node.Single(node => node.OpType == "Conv");
        Assert.Equal(["conv.weight", "conv.bias"], conv.Input.Skip(1));
        Assert.Equal([2, 2], conv.Attribute.Single(attribute => attribute.Name == "strides").Ints);
        Assert.Equal([1, 1, 1, 1], conv.Attribute.Single(attribute => attribute.Name == "pads").Ints);
        Assert.Equal(["", ""], model.Graph.Node.Single(node => node.OpType == "Resize").Input.Skip(1).Take(2));
    }

    [Fact]
    public void Zero_attributes_are_written()
    {
        var graph = new OnnxGraph("zero");
        graph.Output(graph.Concat(0, graph.Input("a", OnnxType.Float32, 1), graph.Number(0.5f)), "b", OnnxType.Float32, 2);
        var axis = ModelProto.Parser.ParseFrom(graph.ToArray()).Graph.Node[0].Attribute[0];
        Assert.True(axis.HasI);
        Assert.Equal(0, axis.I);
    }

    [Fact]
    public void Constants_are_stored_once_and_in_their_type()
    {
        var graph = new OnnxGraph("constants");
        Assert.Equal(graph.Integers(1, 2), graph.Integers(1, 2));
        Assert.NotEqual(graph.Integers(1), graph.Integer(1));
        Assert.NotEqual(graph.Number(1), graph.Number(1, OnnxType.Float16));
        graph.Weight("half", [1, -0.5f], [2], OnnxType.Float16);
        graph.Texts("texts", "a", "é");
        graph.Output(graph.Number(1), "one", OnnxType.Float32);
        var read = ModelProto.Parser.ParseFrom(graph.ToArray()).Graph;
        var stored = read.Initializer.ToDictionary(tensor => tensor.Name);
        Assert.Equal(5, stored.Count);
        // Half precision comes from nodes.
        var half = read.Node.Where(node => node.OpType == "Constant").ToDictionary(node => node.Output.Single(), node => node.Attribute.Single());
        Assert.Equal(["Float16:1", "half"], half.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("value", AttributeProto.Types.AttributeType.Tensor, 10), (half["half"].Name, half["half"].Type, half["half"].T.DataType));
        Assert.Equal([0x00, 0x3c, 0x00, 0xb8], half["half"].T.RawData.ToByteArray());
        Assert.Equal(8, stored["texts"].DataType);
        Assert.Equal("é", stored["texts"].StringData[1].ToStringUtf8());
        Assert.Empty(stored.Values.Single(tensor => tensor.Name == "int64:1").Dims);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        var graph = new OnnxGraph("g");
        var x = graph.Input("x", OnnxType.Float32, 1);
        Assert.Contains("'x' is taken", Assert.Throws<ArgumentException>(() => graph.Input("x", OnnxType.Float32, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("'y' is not a value", Assert.Throws<ArgumentException>(() => graph.Add(x, new OnnxValue("y"))).Message, StringComparison.Ordinal);
        Assert.Contains("do not fill", Assert.Throws<ArgumentException>(() => graph.Weight("w", [1, 2], [3])).Message, StringComparison.Ordinal);
        Assert.Contains("Int64", Assert.Throws<ArgumentException>(() => graph.Weight("w", [1], [1], OnnxType.Int64)).Message, StringComparison.Ordinal);
        Assert.Contains("Int32", Assert.Throws<ArgumentException>(() => graph.Node("Cast", [x], ("to", 1))).Message, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        var path = folder.Write("old.onnx", [1]);
        Assert.Contains("no output", Assert.Throws<InvalidOperationException>(() => graph.Write(path)).Message, StringComparison.Ordinal);
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    private static OnnxGraph Sample()
    {
        var graph = new OnnxGraph("network");
        graph.AddMetadata("classes", "disc,square");
        var image = graph.Input("image", OnnxType.UInt8, "batch", 64, 96, 3);
        var x = graph.Transpose(graph.Cast(image, OnnxType.Float32), 0, 3, 1, 2);
        var fine = graph.Conv(x, graph.Weight("conv.weight", Numbers(4 * 27), [4, 3, 3, 3]), graph.Weight("conv.bias", Numbers(4), [4]), 3, stride: 2, padding: 1);
        var coarse = graph.MaxPool(fine, 3, 2, 1);
        var sum = graph.Add(graph.ResizeNearest(coarse, fine), fine);
        graph.Output(sum, "features", OnnxType.Float32, "batch", 4, 32, 48);
        var (top, index) = graph.TopK(graph.Reshape(sum, 0, -1), 10, 1);
        graph.Output(top, "top", OnnxType.Float32, "batch", 10);
        graph.Output(index, "index", OnnxType.Int64, "batch", 10);
        return graph;
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i * 0.7f))];
}
