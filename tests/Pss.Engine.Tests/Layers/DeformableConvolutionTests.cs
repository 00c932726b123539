using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Backbones;
using Pss.Engine.Layers;
using Pss.Engine.Onnx.Graphs;
using Pss.Engine.Tests.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Layers;

public sealed class DeformableConvolutionTests
{
    [Fact]
    public void Values_and_gradients_equal_those_of_an_independent_implementation()
    {
        var arrays = OracleTensors.Arrays("losses", "deform_conv.safetensors");
        var cases = OracleTensors.Json("losses", "deform_conv.json").GetProperty("cases").EnumerateArray().ToArray();
        Assert.Equal(7, cases.Length);
        foreach (var one in cases)
        {
            using var scope = NewDisposeScope();
            var name = one.GetProperty("case").GetString()!;
            var (input, offset, mask, weight, bias) = (Leaf("input")!, Leaf("offset")!, Leaf("mask"), Leaf("weight")!, Leaf("bias"));
            var output = DeformableConvolution.Apply(input, offset, mask, weight, bias, Number("stride"), Number("padding"), Number("groups"), Number("dilation"));
            Close("output", output);
            output.backward([Find("grad_output")!]);
            Close("grad_input", input.grad!);
            Close("grad_weight", weight.grad!);
            // Zero offsets lie on the kinks of the bilinear kernel, where one gradient is as good as another.
            if (name != "zero_offset")
                Close("grad_offset", offset.grad!);
            if (mask is not null)
                Close("grad_mask", mask.grad!);
            if (bias is not null)
                Close("grad_bias", bias.grad!);

            long Number(string field) => one.GetProperty(field).GetInt64();
            Tensor? Find(string field) => arrays.Find($"{name}.{field}")?.ToTensor();
            Tensor? Leaf(string field) => Find(field)?.requires_grad_(true);
            void Close(string field, Tensor actual) => OracleTensors.Close(Find(field)!, actual, 1e-10);
        }
    }

    [Fact]
    public void A_new_layer_gives_half_of_an_ordinary_one()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(3);
        using var layer = new DeformableConvolution(8, 12, 3, stride: 2, hasBias: false, groups: 4);
        layer.Weight.normal_(generator: generator);
        var input = randn([2, 8, 9, 12], generator: generator);
        var plain = nn.functional.conv2d(input, layer.Weight, null, [2, 2], [1, 1], groups: 4);
        OracleTensors.Close(plain.Times(0.5), layer.call(input), 1e-5);
    }

    [Fact]
    public void Half_precision_samples_at_exact_positions()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(4);
        var (input, offsets, weight) = (Half(1, 4, 6, 400), Half(1, 18, 6, 400), Half(4, 4, 3, 3));
        var exact = DeformableConvolution.Apply(input.@float(), offsets.@float(), null, weight.@float());
        var half = DeformableConvolution.Apply(input, offsets, null, weight);
        Assert.Equal(ScalarType.BFloat16, half.dtype);
        Assert.InRange((half.@float() - exact).abs().max().item<float>() / exact.abs().max().item<float>(), 0, 0.02f);

        Tensor Half(params long[] shape) => randn(shape, generator: generator).bfloat16();
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(1, 2, false)]
    public void Its_export_takes_offsets_of_the_callers(long stride, long groups, bool masked)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(5);
        using var convolution = new SquareConvolution(4, 6, 3, stride, groups: groups);
        convolution.Weight.normal_(generator: generator);
        convolution.Bias!.normal_(generator: generator);
        var (height, width) = (9 / stride + 9 % stride, 12 / stride);
        var input = randn([2, 4, 9, 12], generator: generator);
        var offsets = randn([2, 18, height, width], generator: generator).Times(3);
        var mask = masked ? rand([2, 9, height, width], generator: generator) : null;

        var operators = new OnnxGraph("layer");
        var graph = new ModuleGraph(operators, OnnxType.Float32, convolution);
        // Sizes that only the run knows.
        OnnxValue Input(string name) => operators.Input(name, OnnxType.Float32, "n", name + "_c", name + "_h", name + "_w");
        var output = DeformableConvolution.Export(graph, Input("x"), Input("offsets"), masked ? Input("mask") : OnnxValue.None, convolution);
        operators.Output(output, "y", OnnxType.Float32, "n", "o", "h", "w");
        using var session = OrtSessions.Open(operators.ToArray());
        NamedOnnxValue Value(string name, Tensor tensor)
        {
            int[] shape = [.. tensor.shape.Select(size => (int)size)];
            return NamedOnnxValue.CreateFromTensor(name, new Microsoft.ML.OnnxRuntime.Tensors.DenseTensor<float>(tensor.data<float>().ToArray(), shape));
        }
        NamedOnnxValue[] inputs = [Value("x", input), Value("offsets", offsets), .. mask is null ? [] : new[] { Value("mask", mask) }];
        using var results = session.Run(inputs);
        var expected = DeformableConvolution.Apply(input, offsets, mask, convolution.Weight, convolution.Bias, stride, groups: groups);
        OracleTensors.Close(expected, tensor(results[0].AsEnumerable<float>().ToArray(), expected.shape), 1e-4);
    }

    [Fact]
    public void The_layout_of_the_input_makes_no_difference()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var layer = Random(8, 8);
        var input = randn(2, 8, 7, 10);
        OracleTensors.Close(layer.call(input), layer.call(input.ToChannelsLast()), 1e-5);
    }

    [Fact]
    public void Minimal_filtering_leaves_it_and_grouped_ones_alone()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var input = randn(2, 256, 20, 20);
        using var grouped = new SquareConvolution(256, 256, 3, groups: 2);
        grouped.Weight.normal_();
        using var deformable = Random(256, 64);
        foreach (var layer in (SquareConvolution[])[grouped, deformable])
        {
            layer.eval();
            var direct = layer.call(input);
            layer.UseWinograd();
            Assert.True(direct.equal(layer.call(input)).all().item<bool>());
        }
    }

    [Fact]
    public void A_pass_leaves_no_tensor_behind()
    {
        using var layer = new DeformableConvolution(4, 4, 3);
        using var input = randn(1, 4, 8, 8);
        var before = LiveTensors.OfThread;
        layer.call(input).Dispose();
        Assert.Equal(before, LiveTensors.OfThread);
    }

    private static DeformableConvolution Random(long input, long output)
    {
        var layer = new DeformableConvolution(input, output, 3);
        foreach (var parameter in layer.parameters())
            parameter.normal_(0, 0.1);
        return layer;
    }
}
