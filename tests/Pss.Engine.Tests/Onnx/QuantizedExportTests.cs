using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.Engine.Onnx.Protobuf;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;
using Xunit.Abstractions;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Exports in int8.</summary>
[Collection(nameof(RectangleDetector))]
public sealed class QuantizedExportTests(RectangleDetector trained, ITestOutputHelper output)
{
    [Theory]
    [InlineData(DetectionMode.EndToEnd)]
    [InlineData(DetectionMode.OneToMany)]
    public void Int8_costs_little_accuracy(DetectionMode mode)
    {
        var options = new OnnxExportOptions { PostProcessing = new() { Mode = mode } };
        var (exact, quantized) = (AP(options), AP(options with { CalibrationImages = trained.Images.Take(8) }));
        output.WriteLine($"{mode}: float32 {exact}, int8 {quantized}");
        Assert.InRange(exact, 0.2, 1);
        Assert.InRange(quantized, exact - 0.02, exact + 0.02);

        double AP(OnnxExportOptions export)
        {
            using var session = OrtSessions.Open(OnnxExporter.Export(trained.Model, export));
            return trained.AP([.. trained.Images.Select(image => ForeignCallers.Image(session, image))]);
        }
    }

    /// <summary>ONNX Runtime fuses what the export means it to: all convolutions of backbone and pyramid, and those of the towers.</summary>
    [Fact]
    public void OnnxRuntime_computes_in_int8()
    {
        using var folder = new TemporaryFolder();
        OrtSessions.Open(
            OnnxExporter.Export(trained.Model, new() { CalibrationImages = trained.Images.Take(1) }),
            options => (options.OptimizedModelFilePath, options.LogSeverityLevel) = (folder["optimized.onnx"], OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR)).Dispose();
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(folder["optimized.onnx"])).Graph;
        var operations = graph.Node.CountBy(node => node.OpType).ToDictionary();
        // 12 of the backbone, 8 of the pyramid, and on each of 5 levels 2 of the towers, 2 of the selector and the classes.
        Assert.Equal(12 + 8 + 5 * 5, operations["QLinearConv"]);
        Assert.Equal(4 + 2, operations["QLinearAdd"]);
        // In float32: what else predicts, 3 layers on each level, and the scale and shift of 4 group normalizations.
        Assert.Equal(5 * (3 + 4), operations["Conv"]);
    }

    [Fact]
    public void Every_kind_of_detector_and_form_runs()
    {
        (string Name, DetectorOptions Options)[] kinds =
        [
            ("GFocalV2", DetectorOptions.GfocalV2Pss(3)), ("VFNet", DetectorOptions.VfnetPss(3)), ("DeFCN", DetectorOptions.Defcn(3)),
            ("CondInst", (CondInstOptions)DetectorOptions.CondInstPss(3) with { MaskChannels = 8, MaskConvolutions = 1 }),
            ("deformable", DetectorOptions.AtssPss(3) with { Head = new() { DeformableLast = true } }),
        ];
        foreach (var (name, options) in kinds)
        {
            var model = Make(SmallDetectors.Small(options));
            using var session = OrtSessions.Open(OnnxExporter.Export(model, new() { CalibrationImages = [trained.Images[0]] }), name);
            Assert.NotEmpty(ForeignCallers.Image(session, trained.Images[1]));
        }
        using var batches = OrtSessions.Open(OnnxExporter.Export(trained.Model, new() { BatchSize = null, CalibrationImages = trained.Images.Take(1) }));
        Assert.Equal(2, ForeignCallers.Images(batches, [.. trained.Images.Take(2)], _ => { }).Length);
    }

    [Fact]
    public void Calibration_leaves_no_tensors_and_names_mistakes()
    {
        var before = LiveTensors.OfThread;
        OnnxExporter.Export(trained.Model, new() { CalibrationImages = trained.Images.Take(1) });
        Assert.Equal(before, LiveTensors.OfThread);
        var mistake = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(trained.Model, new() { CalibrationImages = Enumerable.Empty<RgbImage>() }));
        Assert.Contains("CalibrationImages", mistake.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxExporter.Export(trained.Model, new() { CalibrationImages = trained.Images, Precision = Precision.Float16 }));
    }

    [Fact]
    public void Metadata_say_int8()
    {
        var file = ModelProto.Parser.ParseFrom(OnnxExporter.Export(trained.Model, new() { CalibrationImages = trained.Images.Take(1) }));
        Assert.Equal("Int8", file.MetadataProps.Single(entry => entry.Key == "precision").Value);
    }

    private static DetectorModel Make(DetectorOptions options)
    {
        using var network = options.Build();
        return new(options, [.. Enumerable.Range(0, options.Classes).Select(i => $"class {i}")], Resize.Letterbox(96, 64), NetworkWeights.Save(network));
    }
}
