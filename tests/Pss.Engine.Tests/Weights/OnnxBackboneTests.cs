using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Pss.Engine.Backbones;
using Pss.Engine.Onnx.Protobuf;
using Pss.Engine.Weights;
using Pss.Engine.Tests.Onnx;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Weights;

/// <summary>The ImageNet weights of ML.NET's package, read from its ONNX file.</summary>
public sealed class OnnxBackboneTests : IDisposable
{
    private const int Side = 224;
    private static readonly string Package = Path.Combine(AppContext.BaseDirectory, "Featurizer");
    private static readonly string Models = Path.Combine(Package, "DnnImageModels");
    private static readonly string Network = Path.Combine(Models, "ResNet18Onnx", "ResNet18.onnx");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_backbone_gives_the_features_of_the_package()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var random = new Random(3);
        var image = new DenseTensor<float>(Enumerable.Range(0, 3 * Side * Side).Select(_ => (float)random.Next(256)).ToArray(), [1, 3, Side, Side]);
        // In: red, green, blue. Out: blue, green, red, without a mean image.
        var input = Run(Path.Combine(Models, "ResNetPrepOnnx", "ResNetPreprocess.onnx"), image);
        var expected = Run(Network, input);

        using var backbone = Backbone(WeightFile.FindPretrained(Package)!);
        var pixels = tensor(input.ToArray(), [1, 3, Side, Side]);
        var features = backbone.call(pixels).C5.mean([2, 3]).data<float>().ToArray();
        Assert.Equal(512, features.Length);
        // Float noise: sums over up to 4,608 products in another order.
        Assert.All(features.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, tolerance: 1e-4f));
        Assert.True(expected.Max() > 1);
    }

    [Fact]
    public void The_pixel_format_is_that_of_the_package_up_to_its_mean_image()
    {
        var image = new DenseTensor<float>(Enumerable.Range(0, 3 * Side * Side).Select(i => 60f * (1 + i / (Side * Side))).ToArray(), [1, 3, Side, Side]);
        var theirs = Run(Path.Combine(Models, "ResNetPrepOnnx", "ResNetPreprocess.onnx"), image).ToArray();
        var ours = PixelNormalization.For(ResNetOptions.PretrainedResNet18.Style);
        Assert.True(ours.Bgr);
        for (var channel = 0; channel < 3; channel++)
        {
            var mean = theirs.Skip(channel * Side * Side).Take(Side * Side).Average();
            Assert.Equal((60 * (3 - channel) - ours.Mean[channel]) / ours.Std[channel], mean, 0.5);
        }
    }

    [Fact]
    public void Without_the_package_there_are_none() => Assert.Null(WeightFile.FindPretrained(_folder.Path));

    [Fact]
    public void A_damaged_file_of_the_package_says_how_to_go_on()
    {
        var path = _folder["DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, File.ReadAllBytes(Network)[..1_000_000]);
        var error = Assert.Throws<WeightFileException>(() => WeightFile.FindPretrained(_folder.Path));
        Assert.Contains("UsePretrained", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_graph_is_read_whatever_its_arrays_are_called_and_however_they_are_stored()
    {
        var model = Model();
        foreach (var (i, array) in model.Graph.Initializer.Index())
        {
            var (old, renamed) = (array.Name, $"array {i}");
            foreach (var node in model.Graph.Node)
            {
                for (var k = 0; k < node.Input.Count; k++)
                    node.Input[k] = node.Input[k] == old ? renamed : node.Input[k];
            }
            array.Name = renamed;
            if (array.FloatData.Count == 0)
                continue;
            array.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>([.. array.FloatData]));
            array.FloatData.Clear();
        }
        foreach (var input in model.Graph.Input.Skip(1).ToArray())
            model.Graph.Input.Remove(input);
        var (expected, found) = (WeightFile.Read(Network), WeightFile.Read(Write(model.ToByteArray())));
        Assert.Equal(expected.Names, found.Names);
        Assert.All(expected.Tensors.Zip(found.Tensors), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span), pair.First.Name));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "truncated", "no whole ONNX file" },
        { "no graph", "no graph" },
        { "other operator", "Selu follows convolution backbone." },
        { "no addition", "it has 1 stages of residual blocks" },
        { "array missing", "is not stored in the file" },
        { "array short", "values" },
        { "two inputs", "its graph has 2 inputs" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_file_that_is_no_such_network_is_an_error_that_says_why(string fault, string message)
    {
        var path = Write(Damaged(fault));
        var error = Assert.Throws<WeightFileException>(() => WeightFile.Read(path));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Damaged(string fault)
    {
        var model = Model();
        var graph = model.Graph;
        switch (fault)
        {
            case "truncated":
                return model.ToByteArray()[..1_000_000];
            case "no graph":
                model.Graph = null;
                break;
            case "other operator":
                graph.Node.Where(node => node.OpType == "BatchNormalization").ElementAt(5).OpType = "Selu";
                break;
            case "no addition":
                graph.Node.First(node => node.OpType == "Add").OpType = "Sub";
                break;
            case "array missing":
                graph.Initializer.Remove(graph.Initializer.First(array => array.Name == graph.Node.First(node => node.OpType == "Conv").Input[1]));
                break;
            case "array short":
                graph.Initializer.First(array => array.Dims.Count == 4).Dims[0]++;
                break;
            default:
                graph.Input.Add(new ValueInfoProto { Name = "another" });
                break;
        }
        return model.ToByteArray();
    }

    private static ModelProto Model() => ModelProto.Parser.ParseFrom(File.ReadAllBytes(Network));

    private string Write(byte[] content)
    {
        var path = Path.Combine(_folder.Path, "network.onnx");
        File.WriteAllBytes(path, content);
        return path;
    }

    private static ResNet Backbone(WeightFile weights)
    {
        var backbone = new ResNet(ResNetOptions.PretrainedResNet18, manual_seed(0));
        NetworkWeights.Load(backbone, weights.Rename(name => name["backbone.".Length..]));
        backbone.eval();
        return backbone;
    }

    private static DenseTensor<float> Run(string model, DenseTensor<float> input)
    {
        using var session = OrtSessions.Open(File.ReadAllBytes(model));
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(session.InputMetadata.Keys.Single(), input)]);
        return results[0].AsTensor<float>().ToDenseTensor();
    }
}
