using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests.Nn;

public sealed class GradientTests
{
    [Fact]
    public void Detector_shaped_function_has_the_gradients_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        Tensor[] inputs =
        [
            Values(0.1, 2, 2, 5, 6), // image
            Values(0.7, 4, 2, 3, 3), Values(1.3, 4), // convolution
            Values(2.1, 4), Values(2.9, 4), // batch norm
            Values(3.3, 4), Values(4.7, 4), // group norm
        ];
        AssertGradients(inputs, t =>
        {
            var x = F.conv2d(t[0], t[1], t[2], [2, 1], [1, 1]);
            x = F.batch_norm(x, null, null, t[3], t[4], training: true);
            x = F.relu(x);
            x = F.group_norm(x, 2, t[5], t[6]);
            var up = F.interpolate(x, scale_factor: [2, 2]) + F.interpolate(x, [6, 12], mode: InterpolationMode.Bilinear, align_corners: false);
            var (values, indexes) = up.flatten(1).topk(7, 1);
            var gathered = up.square().flatten(1).gather(1, indexes);
            return (up * Values(5.2, 2, 4, 6, 12)).sum() + (values * gathered).sum();
        });
    }

    [Fact]
    public void Pools_pads_samples_and_losses_have_the_gradients_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var target = Values(8.1, 1, 2, 4, 4).gt(0).to(ScalarType.Float64);
        Tensor[] inputs = [Values(0.4, 1, 2, 6, 6), Values(6.1, 1, 4, 4, 2)];
        AssertGradients(inputs, t =>
        {
            var padded = F.pad(t[0], (1, 1, 1, 1), value: 0.3);
            var pooled = F.max_pool2d(padded, 3, 2, 1) + F.avg_pool2d(padded, 3, 2, 1);
            var sampled = F.grid_sample(pooled, t[1], align_corners: false);
            var loss = F.binary_cross_entropy_with_logits(sampled, target, reduction: nn.Reduction.Sum);
            return loss + (F.softmax(sampled, 1) * F.logsigmoid(sampled)).sum() + F.sigmoid(pooled).square().mean();
        });
    }

    // Away from 0 and from each other, so that no kink of relu, pooling or topk lies within the step.
    private static Tensor Values(double phase, params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var values = Enumerable.Range(0, (int)count).Select(i => 1.1 * Math.Sin((1.7 * i) + phase + (0.01 * i * i))).ToArray();
        return tensor(values).reshape(shape);
    }

    private static void AssertGradients(Tensor[] inputs, Func<Tensor[], Tensor> function)
    {
        const double Step = 1e-6;
        foreach (var input in inputs) input.requires_grad = true;
        function(inputs).backward();
        using var _ = no_grad();
        for (var n = 0; n < inputs.Length; n++)
        {
            var grad = inputs[n].grad!.data<double>().ToArray();
            var values = inputs[n].data<double>().ToArray();
            for (var i = 0; i < values.Length; i++)
            {
                var numeric = (At(values[i] + Step) - At(values[i] - Step)) / (2 * Step);
                Assert.True(Math.Abs(numeric - grad[i]) < 1e-6 * (1 + Math.Abs(numeric)), $"input {n}, element {i}: {grad[i]}, by differences {numeric}");

                double At(double value)
                {
                    using var scope = NewDisposeScope();
                    var changed = (double[])values.Clone();
                    changed[i] = value;
                    var others = (Tensor[])inputs.Clone();
                    others[n] = tensor(changed).reshape(inputs[n].shape);
                    return function(others).item<double>();
                }
            }
        }
    }
}
