using System.Text.Json;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Onnx;
using Pss.Engine.Onnx.Protobuf;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Onnx;

/// <summary>The files themselves; what they compute is tested where ONNX Runtime is at hand.</summary>
public sealed class OnnxExporterTests
{
    public static TheoryData<bool, DetectionMode, Precision, Normalization> Kinds => new()
    {
        { false, DetectionMode.EndToEnd, Precision.Float32, Normalization.BatchNorm },
        { false, DetectionMode.OneToMany, Precision.Float16, Normalization.FrozenBatchNorm },
        { true, DetectionMode.EndToEnd, Precision.Float16, Normalization.GroupNorm },
        { true, DetectionMode.OneToMany, Precision.Float32, Normalization.BatchNorm },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_is_sound(bool pipeline, DetectionMode mode, Precision precision, Normalization normalization)
    {
        var model = Make(DetectorOptions.FcosPss(3), normalization);
        var graph = Parse(OnnxExporter.Export(model, new() { Signature = pipeline ? OnnxSignature.Pipeline : OnnxSignature.Plain, PostProcessing = new() { Mode = mode }, Precision = precision })).Graph;
        var known = new HashSet<string> { "" };
        Assert.All(graph.Input.Select(input => input.Name).Concat(graph.Initializer.Select(tensor => tensor.Name)), made => Assert.True(known.Add(made), made));
        foreach (var node in graph.Node)
        {
            Assert.All(node.Input, used => Assert.Contains(used, known));
            Assert.All(node.Output, made => Assert.True(known.Add(made), made));
        }
        Assert.All(graph.Output, output => Assert.Contains(output.Name, known));
        Assert.Equal(graph.Node.Count, graph.Node.Select(node => node.Name).Distinct().Count());

        Assert.Equal(mode == DetectionMode.OneToMany, graph.Node.Any(node => node.OpType == "NonMaxSuppression"));
        // ML.NET refuses a model with an initializer of half precision.
        Assert.DoesNotContain(graph.Initializer, tensor => tensor.DataType == 10);
        TensorProto[] stored = [.. graph.Initializer, .. graph.Node.Where(node => node.OpType == "Constant").Select(node => node.Attribute.Single().T)];
        Assert.Equal(mode == DetectionMode.EndToEnd, stored.Any(tensor => tensor.Name.StartsWith("pss.", StringComparison.Ordinal)));
        Assert.Equal(normalization == Normalization.GroupNorm, stored.Any(tensor => tensor.Name == "backbone.stem.norm.weight"));
        var weights = stored.Where(tensor => model.Weights.Find(tensor.Name) is not null).ToArray();
        Assert.True(weights.Length > 30);
        Assert.All(weights, tensor => Assert.Equal(precision == Precision.Float16 ? 10 : 1, tensor.DataType));
    }

    [Fact]
    public void Inputs_and_outputs_are_as_asked()
    {
        var model = Make(DetectorOptions.AtssPss(3));
        Assert.Equal(
            "images:2[1,3,96,128] -> boxes:1[1,100,4] scores:1[1,100] labels:7[1,100]", Signature(OnnxExporter.Export(model)));
        Assert.Equal(
            "images:2[batch,3,64,64] sizes:1[batch,2] -> boxes:1[batch,7,4] scores:1[batch,7] labels:7[batch,7]",
            Signature(OnnxExporter.Export(model, new() { BatchSize = null, ImageSizes = true, Width = 64, Height = 64, PostProcessing = new() { MaxDetections = 7 } })));
        // 8 x 8 + 4 x 4 + 2 x 2 + 1 + 1 locations of three classes.
        Assert.Equal(
            "a.images:2[5,3,64,64] -> a.boxes:1[5,258,4] a.scores:1[5,258] a.labels:7[5,258]",
            Signature(OnnxExporter.Export(model, new() { NamePrefix = "a.", BatchSize = 5, Width = 64, Height = 64, PostProcessing = new() { MaxDetections = 1000 } })));
        Assert.Equal(
            "__pss.pixels:2[1,n] __pss.geometry:1[1,4] -> __pss.boxes:1[1,m4] __pss.scores:1[1,m] __pss.labels:8[1,m]",
            Signature(OnnxExporter.Export(model, new() { Signature = OnnxSignature.Pipeline })));
    }

    [Fact]
    public void Metadata_tells_what_it_is()
    {
        var model = Make(DetectorOptions.FcosPss(3));
        var metadata = Parse(OnnxExporter.Export(model, new() { Precision = Precision.Float16 })).MetadataProps.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(model.Classes, JsonSerializer.Deserialize<string[]>(metadata["classes"]));
        Assert.Equal(
            ("pss-detector", "128", "96", "Plain", "EndToEnd", "Float16"),
            (metadata["format"], metadata["width"], metadata["height"], metadata["signature"], metadata["mode"], metadata["precision"]));
        Assert.Equal(3, JsonDocument.Parse(metadata["options"]).RootElement.GetProperty("Classes").GetInt32());
        Assert.Equal(100, JsonDocument.Parse(metadata["postprocessing"]).RootElement.GetProperty("MaxDetections").GetInt32());
    }

    [Fact]
    public void Mistakes_are_named_and_leave_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("old.onnx", [1]);
        var (model, plain) = (Make(DetectorOptions.FcosPss(3)), Make(DetectorOptions.Fcos(3)));
        Fails<ArgumentException>(plain, new() { PostProcessing = new() { Mode = DetectionMode.EndToEnd } }, "selector");
        Fails<ArgumentException>(model with { Resize = Resize.ShortestEdge() }, new() { Width = 64 }, "Height");
        Fails<ArgumentException>(model, new() { Precision = Precision.BFloat16 }, "Precision");
        Fails<ArgumentException>(model, new() { Width = 16 }, "Width");
        Fails<ArgumentException>(model, new() { BatchSize = 0 }, "BatchSize");
        Fails<ArgumentException>(model, new() { Signature = OnnxSignature.Pipeline, BatchSize = null }, "BatchSize");
        Fails<ArgumentException>(model, new() { Signature = OnnxSignature.Pipeline, ImageSizes = true }, "ImageSizes");
        Fails<ArgumentException>(model, new() { PostProcessing = new() { MaxDetections = 0 } }, "MaxDetections");
        Fails<ArgumentException>(model with { Classes = ["one"] }, new(), "1 class names");
        Fails<WeightFileException>(model with { Options = plain.Options }, new(), "pss.logit.weight");

        void Fails<T>(DetectorModel broken, OnnxExportOptions options, string word)
            where T : Exception
        {
            Assert.Contains(word, Assert.ThrowsAny<T>(() => OnnxExporter.ExportToFile(broken, path, options)).Message, StringComparison.Ordinal);
            Assert.Equal([1], File.ReadAllBytes(path));
        }
    }

    private static DetectorModel Make(DetectorOptions options, Normalization normalization = Normalization.BatchNorm)
    {
        options = SmallDetectors.Small(options) with { Backbone = SmallDetectors.Backbone.FromScratch(normalization) };
        using var network = options.Build();
        return new(options, ["disc", "square", "gear \"ä\""], Resize.Letterbox(110, 90), NetworkWeights.Save(network));
    }

    private static ModelProto Parse(byte[] file) => ModelProto.Parser.ParseFrom(file);

    private static string Signature(byte[] file)
    {
        var graph = Parse(file).Graph;
        return $"{Join(graph.Input)} -> {Join(graph.Output)}";

        static string Join(IEnumerable<ValueInfoProto> values) => string.Join(" ", values.Select(value => $"{value.Name}:{value.Type.TensorType.ElemType}["
            + string.Join(",", value.Type.TensorType.Shape.Dim.Select(size => size.DimParam.Length > 0 ? size.DimParam : $"{size.DimValue}")) + "]"));
    }
}
