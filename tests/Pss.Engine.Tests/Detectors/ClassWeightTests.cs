using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using Pss.Engine.Tests.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public sealed class ClassWeightTests
{
    private static readonly double[] Weights = [0, 1, 3];

    public static IEnumerable<object[]> Detectors => new DetectorOptions[]
    {
        DetectorOptions.FcosPss(3), DetectorOptions.AtssPss(3), DetectorOptions.VfnetPss(3), DetectorOptions.GfocalV2Pss(3), DetectorOptions.Defcn(3),
    }.Select(options => new object[] { SmallDetectors.Small(options) });

    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_class_counts_by_its_weight(DetectorOptions options)
    {
        using var scope = NewDisposeScope();
        // One weight at a time gives each class's own part of the losses; together they are the weighted sum.
        var parts = Enumerable.Range(0, 3).Select(label => Losses(Array.ConvertAll([0, 1, 2], other => other == label ? 1.0 : 0.0))).ToArray();
        var (plain, ones, weighted) = (Losses(null), Losses([1, 1, 1]), Losses(Weights));
        var names = new[] { "classification", "selector" }.Where(plain.ContainsKey).ToArray();
        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            Assert.All(parts, part => Assert.True(part[name] > 0));
            Assert.Equal(plain[name], parts.Sum(part => part[name]), 1e-3 * plain[name]);
            Assert.Equal(plain[name], ones[name], 1e-5 * plain[name]);
            Assert.Equal(Enumerable.Range(0, 3).Sum(label => Weights[label] * parts[label][name]), weighted[name], 1e-3 * weighted[name]);
        }
        foreach (var name in plain.Keys.Except(names).Except(["total", "auxiliary"]))
            Assert.Equal(plain[name], weighted[name]);

        Dictionary<string, double> Losses(IReadOnlyList<double>? weights)
        {
            using var network = (options with { Losses = options.Losses with { ClassWeights = weights } }).Build(seed: 3);
            return network.Losses(network.call(SmallDetectors.Images(2)), SmallDetectors.Objects()).ToNumbers();
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_the_classes_are_an_error()
    {
        var two = SmallDetectors.FcosPss with { Losses = new() { ClassWeights = [1, 2] } };
        Assert.Contains("one weight for each of the 3 classes", Assert.Throws<ArgumentOutOfRangeException>(two.Validate).Message);
        var negative = SmallDetectors.FcosPss with { Losses = new() { ClassWeights = [1, 2, -1] } };
        Assert.Contains("ClassWeights must be from 0 to 1000", Assert.Throws<ArgumentOutOfRangeException>(negative.Validate).Message);
    }
}
