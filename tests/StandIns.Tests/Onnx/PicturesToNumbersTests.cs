using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;
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

    [Fact]
    public void Estimators_and_transformers_are_fitted_and_applied_by_their_own_types()
    {
        var ml = new MLContext(1);
        _folder.Add("a.png", 2, 2, 0xFF0000);
        var network = _folder.In("network.onnx");
        File.WriteAllBytes(network, Model(Node("Relu", "pixels", "same"), Input("pixels", Float, 1, 3, 2, 1), Output("same", Float, 1, 3, 2, 1)));
        var view = ml.Data.LoadFromEnumerable(new[] { new Row { Text = "a.png" } });

        ImageLoadingTransformer load = ml.Transforms.LoadImages("Image", _folder.Path, "Text").Fit(view);
        view = load.Transform(view);
        ImageResizingTransformer resize = ml.Transforms.ResizeImages("Image", 1, 2).Fit(view);
        view = resize.Transform(view);
        ImagePixelExtractingTransformer extract = ml.Transforms.ExtractPixels("pixels", "Image").Fit(view);
        view = extract.Transform(view);
        Assert.Equal(NumberDataViewType.Single, ((VectorDataViewType)extract.GetOutputSchema(view.Schema)["pixels"].Type).ItemType);
        using OnnxTransformer score = ml.Transforms.ApplyOnnxModel(network).Fit(view);
        view = score.Transform(view);
        Assert.Equal([255, 255, 0, 0, 0, 0], Assert.Single(view.GetColumn<float[]>("same")));
        Assert.Throws<ArgumentNullException>(() => ml.Transforms.ResizeImages("Image", 1, 2).Fit(null!));
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
