using Pss.Engine.Backbones;
using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Layers;

public sealed class SquareConvolutionTests
{
    [Theory]
    [InlineData(8, 64, 48)]
    [InlineData(12, 64, 33)]
    [InlineData(15, 7, 5)]
    [InlineData(16, 64, 48)]
    public void A_strided_1x1_convolution_is_that_of_every_other_place(long channels, long width, long height)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var convolution = new SquareConvolution(channels, 6, 1, stride: 2, hasBias: false);
        using (no_grad())
            convolution.Weight.copy_(randn(convolution.Weight.shape, generator: generator));
        using var images = randn([2, channels, height, width], generator: generator);
        var input = images.ToChannelsLast().requires_grad_(true);
        var output = convolution.call(input);
        output.square().sum().backward();

        var weight = convolution.Weight.detach().view(6, channels);
        var seen = images.slice(2, 0, height, 2).slice(3, 0, width, 2);
        var expected = einsum("oc,nchw->nohw", weight, seen);
        Assert.Equal(expected.shape, output.shape);
        Assert.True(expected.allclose(output.detach(), 1e-5, 1e-5));
        var ofInput = zeros_like(images);
        ofInput.slice(2, 0, height, 2).slice(3, 0, width, 2).copy_(einsum("oc,nohw->nchw", weight, 2 * expected));
        Assert.True(ofInput.allclose(input.grad!, 1e-4, 1e-4));
        Assert.True((einsum("nohw,nchw->oc", 2 * expected, seen)).allclose(convolution.Weight.grad!.view(6, channels), 1e-3, 1e-2));
    }
}
