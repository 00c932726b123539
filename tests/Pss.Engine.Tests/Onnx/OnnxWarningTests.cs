using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using Pss.Engine.Onnx;
using Pss.Engine.Onnx.Protobuf;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Onnx;

/// <summary>No file has a constant, node or input that nothing uses, and ONNX Runtime warns of nothing: every kind of detector with every option.</summary>
public sealed class OnnxWarningTests
{
    public static TheoryData<string, DetectionMode> Detectors => new()
    {
        { "FCOS", DetectionMode.OneToMany },
        { "ATSS", DetectionMode.OneToMany },
        { "FCOS_PSS", DetectionMode.EndToEnd },
        { "FCOS_PSS", DetectionMode.OneToMany },
        { "ATSS_PSS", DetectionMode.EndToEnd },
        { "ATSS_PSS", DetectionMode.OneToMany },
    };

    /// <summary>Inputs, sizes and number formats.</summary>
    private static IEnumerable<OnnxExportOptions> Forms()
    {
        foreach (var precision in (Precision[])[Precision.Float32, Precision.Float16])
        {
            yield return new() { Precision = precision, Width = 64, Height = 96, NamePrefix = "a." };
            foreach (int? batch in (int?[])[1, 2, null])
            {
                yield return new() { Precision = precision, BatchSize = batch };
                yield return new() { Precision = precision, ScaleImages = false, BatchSize = batch, Width = 64, Height = 96 };
                yield return new() { Precision = precision, ScaleImages = false, BatchSize = batch, ImageSizes = false, Width = 64, Height = 96 };
            }
            yield return new() { Precision = precision, ForPipeline = true, Width = 64, Height = 96 };
            yield return new() { Precision = precision, ForPipeline = true, FreeSize = true, Width = 96, Height = 96 };
        }
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Nothing_is_unused(string name, DetectionMode mode)
    {
        foreach (var (label, _, file) in Files(name, mode, Forms()))
            AssertAllUsed(label, ModelProto.Parser.ParseFrom(file).Graph);
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void ONNX_Runtime_warns_of_nothing_at_load_and_in_a_run(string name, DetectionMode mode)
    {
        foreach (var (label, form, file) in Files(name, mode, Forms().Where(form => form is { Precision: Precision.Float32, BatchSize: not 2 })))
        {
            using var session = OrtSessions.Open(file, label);
            if (form is { Signature: OnnxSignature.Image, NamePrefix: null })
                ForeignCallers.Image(session, new RgbImage(50, 70));
            if (form.Signature == OnnxSignature.Images)
                ForeignCallers.Images(session, [new RgbImage(50, 70)], _ => { });
            Assert.Empty(OrtSessions.Warnings(label));
        }
    }

    /// <summary>The log does hold what ONNX Runtime says of a graph with an unused constant.</summary>
    [Fact]
    public void An_unused_constant_is_found()
    {
        var model = ModelProto.Parser.ParseFrom(OnnxExporter.Export(Model("FCOS", Normalization.BatchNorm, Resize.Letterbox(64, 64))));
        model.Graph.Initializer.Add(new TensorProto { Name = "unused", DataType = 1, Dims = { 1 }, RawData = Google.Protobuf.ByteString.CopyFrom(0, 0, 0, 0) });
        Assert.ThrowsAny<Exception>(() => AssertAllUsed("unused", model.Graph));
        using var session = OrtSessions.Open(Google.Protobuf.MessageExtensions.ToByteArray(model), "unused");
        Assert.Contains(OrtSessions.Warnings("unused"), line => line.Contains("unused", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Label, OnnxExportOptions Form, byte[] File)> Files(string name, DetectionMode mode, IEnumerable<OnnxExportOptions> forms)
    {
        var i = 0;
        foreach (var form in forms)
        {
            // Score, candidates, rule and normalization take turns.
            var postProcessing = new PostProcessingOptions
            {
                Mode = mode,
                GeometricMean = i % 2 == 1,
                CandidatesPerLevel = i % 3 == 0 ? 1000 : 5,
            };
            var rule = i % 4 < 2 ? Resize.ShortestEdge(64, 96) : Resize.Letterbox(96, 64);
            var normalization = i % 5 == 0 ? Normalization.GroupNorm : Normalization.BatchNorm;
            i++;
            yield return ($"{name} {mode} {i}: {form}", form, OnnxExporter.Export(Model(name, normalization, rule), form with { PostProcessing = postProcessing }));
        }
    }

    private static void AssertAllUsed(string label, GraphProto graph)
    {
        var used = graph.Node.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name)).ToHashSet();
        var made = graph.Initializer.Select(tensor => tensor.Name).Concat(graph.Input.Select(input => input.Name)).Where(value => !used.Contains(value))
            .Concat(graph.Node.Where(node => !node.Output.Any(used.Contains)).Select(node => node.Name));
        Assert.True(!made.Any(), $"{label}: {string.Join(", ", made)}");
    }

    private static DetectorModel Model(string name, Normalization normalization, Resize rule)
    {
        var options = SmallDetectors.Small(name switch
        {
            "FCOS" => DetectorOptions.Fcos(3),
            "ATSS" => DetectorOptions.Atss(3),
            "FCOS_PSS" => DetectorOptions.FcosPss(3) with { Selector = new() { LocalMaxima = true } },
            _ => DetectorOptions.AtssPss(3),
        });
        options = options with { Backbone = SmallDetectors.Backbone.FromScratch(normalization) };
        using var network = options.Build();
        return new(options, ["a", "b", "c"], rule, NetworkWeights.Save(network));
    }
}
