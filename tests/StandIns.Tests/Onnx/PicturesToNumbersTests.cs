using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using StandIns.Tests.Images;
using static StandIns.Tests.Onnx.OnnxModelWriter;

namespace StandIns.Tests.Onnx;

public sealed class PicturesToNumbersTests : IDisposable
{
    private readonly ImageFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fresh_process_scores_pictures_with_the_saved_chain_alone()
    {
        var ml = new MLContext(1);
        _folder.Add("a.png", 2, 2, 0xFF0000);
        _folder.Add("b.png", 4, 4, 0x000102);
        var network = _folder.In("network.onnx");
        File.WriteAllBytes(network, Model(
            Node("Cast", "pixels", "numbers", Attribute("to", 1L)), Node("ReduceSum", "numbers", "total", Attribute("keepdims", 1L)),
            Node("Reshape", "total shape", "sum"), Constant("shape", 1L, 1L), Input("pixels", UInt8, 1, 3, 2, 1), Output("sum", Float, 1, 1)));
        var data = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a.png" }, new Row { Text = "b.png" }, new Row() });
        var model = ml.Transforms.LoadImages("Image", _folder.Path, "Text")
            .Append(ml.Transforms.ResizeImages("Image", 1, 2, resizing: ImageResizingEstimator.ResizingKind.Fill))
            .Append(ml.Transforms.ExtractPixels("pixels", "Image", outputAsFloatArray: false))
            .Append(ml.Transforms.ApplyOnnxModel("sum", "pixels", network))
            .Append(ml.Transforms.SelectColumns("Text", "sum"))
            .Fit(data);
        ml.Model.Save(model, data.Schema, _folder.In("model.zip"));
        model.Dispose();
        File.Delete(network);

        // A picture less comes first: a slot used again would keep the disposed picture before it, as in the real package.
        Assert.Equal("Text=; sum=[0]\nText=a.png; sum=[510]\nText=b.png; sum=[6]\n", FreshProcess.Score(_folder.In("model.zip"), "", "a.png", "b.png"));
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
