using Pss.Engine.Backbones;
using Pss.Engine.Detectors;
using Pss.Engine.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Backbones;

/// <summary>Weights and multiply-adds of the paper's networks, with 80 classes at 800 x 1280, against counts by another program.</summary>
public sealed class NetworkSizeTests
{
    // P3 to P7.
    private static readonly (long Height, long Width)[] Levels = [(100, 160), (50, 80), (25, 40), (13, 20), (7, 10)];

    private static ResNetOptions Caffe(ResNetOptions backbone) => backbone with { Style = ResNetStyle.Caffe };

    private static ResNetOptions Deformable(ResNetOptions backbone) => backbone with { DeformableStages = [2, 3, 4] };

    public static TheoryData<string, double, double> Networks => new()
    {
        { "ResNet-50, caffe", 32.295, 199.8 },
        { "ResNet-50", 32.295, 204.5 },
        { "ResNet-101, caffe", 51.287, 275.5 },
        { "ResNeXt-101", 50.916, 283.7 },
        { "ResNeXt-101, DCN", 54.774, 299.9 },
        { "Res2Net-101", 51.964, 290.6 },
        { "Res2Net-101, DCN", 54.317, 300.4 },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_base_detector_has_the_published_size(string name, double millions, double billions)
    {
        var backbone = name switch
        {
            "ResNet-50, caffe" => Caffe(ResNetOptions.ResNet50),
            "ResNet-50" => ResNetOptions.ResNet50,
            "ResNet-101, caffe" => Caffe(ResNetOptions.ResNet101),
            "ResNeXt-101" => ResNetOptions.ResNeXt101,
            "ResNeXt-101, DCN" => Deformable(ResNetOptions.ResNeXt101),
            "Res2Net-101" => ResNetOptions.Res2Net101,
            _ => Deformable(ResNetOptions.Res2Net101),
        };
        using var network = (DetectorOptions.Fcos(80) with { Backbone = backbone }).Build();
        var (weights, products) = Count(network);
        Assert.Equal(millions, weights / 1e6, 0.0006);
        Assert.Equal(billions, products / 1e9, 0.06);
    }

    [Theory]
    [InlineData(2, 1_182_977, 25.2)]
    [InlineData(1, 592_641, 12.6)]
    public void A_selector_adds_the_published_size(int hidden, long weights, double billions)
    {
        var small = DetectorOptions.FcosPss(80) with { Backbone = ResNetOptions.ResNet18 with { Width = 8 }, Selector = new() { HiddenConvolutions = hidden } };
        using var with = small.Build();
        using var without = (small with { Selector = null }).Build();
        var (larger, smaller) = (Count(with), Count(without));
        Assert.Equal(weights, larger.Weights - smaller.Weights);
        Assert.Equal(billions, (larger.Products - smaller.Products) / 1e9, 0.06);
    }

    [Fact]
    public void Masks_add_the_published_size()
    {
        using var with = DetectorOptions.CondInst(80).Build();
        using var without = DetectorOptions.Fcos(80).Build();
        Assert.Equal(1.867, (Count(with).Weights - Count(without).Weights) / 1e6, 0.0006);
        var positions = Levels.Select(level => (double)level.Height * level.Width).ToArray();
        var products = with.state_dict().Where(pair => pair.Value.dim() == 4).Sum(pair => pair.Value.numel() * pair.Key.Split('.')[..2] switch
        {
            ["controller", _] => positions.Sum(),
            ["mask_branch", "refine4"] => positions[1],
            ["mask_branch", "refine5"] => positions[2],
            ["mask_branch", _] => positions[0],
            _ => 0,
        });
        Assert.Equal(24.0, products / 1e9, 0.06);
    }

    private static (long Weights, double Products) Count(nn.Module network)
    {
        var state = network.state_dict();
        var weights = state.Where(pair => pair.Value.is_floating_point() && !pair.Key.Contains(".running_", StringComparison.Ordinal)).Sum(pair => pair.Value.numel());
        var backbone = network.children().OfType<ResNet>().Single();
        (long, long) size = (800, 1280);
        var products = 0.0;
        foreach (var (name, part) in backbone.named_children())
        {
            products += Products(part, ref size);
            if (name == "stem")
                size = Half(size, 2);
        }
        var positions = Levels.Select(level => (double)level.Height * level.Width).ToArray();
        foreach (var (name, value) in state.Where(pair => pair.Value.dim() == 4 && !pair.Key.StartsWith("backbone.", StringComparison.Ordinal)))
            products += value.numel() * (name.StartsWith("pyramid.", StringComparison.Ordinal) ? positions[name.First(char.IsAsciiDigit) - '3'] : positions.Sum());
        return (weights, products);
    }

    /// <summary>Multiply-adds of the convolutions in a part of a backbone; the size becomes that of its output.</summary>
    private static double Products(nn.Module part, ref (long Height, long Width) size)
    {
        switch (part)
        {
            case SquareConvolution convolution:
                size = Half(size, convolution.Stride);
                return size.Height * size.Width * (double)convolution.parameters().Where(value => value.dim() == 4).Sum(value => value.numel());
            case ScaleConvolutions:
                var (products, input) = (0.0, size);
                foreach (var layer in part.children().First().children())
                {
                    size = input;
                    products += Products(layer, ref size);
                }
                return products;
            case ResidualBlock:
                var branch = Products(part.children().First(), ref size);
                var shortcut = part.children().Skip(1).SelectMany(module => module.modules()).OfType<SquareConvolution>().ToArray();
                var output = size.Height * size.Width;
                return branch + shortcut.Sum(convolution => convolution.Weight.numel() * (double)output);
            default:
                var sum = 0.0;
                foreach (var child in part.children())
                    sum += Products(child, ref size);
                return sum;
        }
    }

    private static (long Height, long Width) Half((long Height, long Width) size, long stride) => ((size.Height + stride - 1) / stride, (size.Width + stride - 1) / stride);
}
