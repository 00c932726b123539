using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Detectors;

public class FusedScoreTests
{
    [Theory]
    [InlineData(1, -2, 0.5, -2.85849623, 1, 0.6516699561, -0.08024316, -0.26280051, -0.11264556)]
    [InlineData(1, -2, 0.5, -2.85849623, 0, 0.0001230738, 0.00010024, 0.00032829, 0.00014072)]
    [InlineData(0, -4.59512, 0, -5.98896157, 1, 1.4903862058, -0.12811108, -0.25365995, -0.12811108)]
    [InlineData(3, 2, 1, 0.46152575, 1, 0.0182653623, -0.00452088, -0.01136305, -0.02563691)]
    [InlineData(3, 2, 1, 0.46152575, 0, 0.2681494562, 0.04666534, 0.11729136, 0.26462861)]
    [InlineData(-3, 2, 1, -3.45776285, 1, 0.8197371760, -0.27301512, -0.03416448, -0.07708069)]
    [InlineData(-3, 2, 1, -3.45776285, 0, 0.0000216925, 0.00006231, 0.00000780, 0.00001759)]
    public void Golden_values_of_the_product_loss(
        double selector, double cls, double centerness, double logit, double target, double loss, double bySelector, double byClass, double byCenterness)
    {
        using var scope = NewDisposeScope();
        var a = tensor(new[] { selector }).view(1, 1).requires_grad_();
        var s = tensor(new[] { cls }).view(1, 1, 1).requires_grad_();
        var c = tensor(new[] { centerness }).view(1, 1).requires_grad_();
        var fused = FusedScore.Logit(new(s, [a, c]));
        var value = FocalLoss.Elementwise(fused, full_like(fused, target));
        value.sum().backward();
        Assert.Equal(logit, fused.item<double>(), 8);
        Assert.Equal(loss, value.item<double>(), 10);
        Assert.Equal(bySelector, a.grad!.item<double>(), 8);
        Assert.Equal(byClass, s.grad!.item<double>(), 8);
        Assert.Equal(byCenterness, c.grad!.item<double>(), 8);
    }

    [Fact]
    public void Product_loss_equals_the_oracle()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "pss_focal.json");
        var (selector, cls, centerness) = Inputs(oracle, ScalarType.Float64);
        var fused = FusedScore.Logit(new(cls, [selector, centerness]));
        OracleTensors.Close(oracle.GetProperty("p").ToTensor(), fused.sigmoid(), 1e-12);
        var loss = FocalLoss.Elementwise(fused, oracle.GetProperty("targets").ToTensor());
        OracleTensors.Close(oracle.GetProperty("loss").ToTensor(), loss, 1e-12);
        Assert.Equal(oracle.GetProperty("sum").GetDouble(), loss.sum().item<double>(), 10);
        loss.sum().backward();
        OracleTensors.Close(oracle.GetProperty("grad_pss").ToTensor(), selector.grad!.unsqueeze(-1), 1e-12);
        OracleTensors.Close(oracle.GetProperty("grad_cls").ToTensor(), cls.grad!, 1e-12);
        OracleTensors.Close(oracle.GetProperty("grad_ctr").ToTensor(), centerness.grad!.unsqueeze(-1), 1e-12);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float64, 1e-12)]
    public void Extreme_logits_stay_finite_and_right(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "pss_focal.json").GetProperty("extreme");
        var (selector, cls, centerness) = Inputs(oracle, type);
        var loss = FocalLoss.Elementwise(FusedScore.Logit(new(cls, [selector, centerness])), oracle.GetProperty("targets").ToTensor().to(type));
        OracleTensors.Close(oracle.GetProperty("loss").ToTensor(), loss, tolerance);
        loss.sum().backward();
        OracleTensors.Close(oracle.GetProperty("grad_pss").ToTensor(), selector.grad!.unsqueeze(-1), tolerance);
        OracleTensors.Close(oracle.GetProperty("grad_cls").ToTensor(), cls.grad!, tolerance);
        OracleTensors.Close(oracle.GetProperty("grad_ctr").ToTensor(), centerness.grad!.unsqueeze(-1), tolerance);
    }

    [Fact]
    public void Every_pair_of_logits_up_to_100_has_finite_values_and_gradients()
    {
        using var scope = NewDisposeScope();
        var axis = arange(-100, 101, 4, dtype: ScalarType.Float32);
        var a = axis.view(-1, 1).expand(axis.shape[0], axis.shape[0]).contiguous().requires_grad_();
        var fused = FusedScore.ProductLogit(a, axis.view(1, -1));
        foreach (double target in (double[])[0, 1])
        {
            a.grad = null;
            var loss = FocalLoss.Elementwise(fused, full_like(fused, target)).sum();
            loss.backward(retain_graph: true);
            Assert.True(float.IsFinite(loss.item<float>()));
            Assert.True(a.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Combination_is_associative_and_symmetric()
    {
        using var scope = NewDisposeScope();
        var four = tensor(new[] { 4.0 });
        Assert.Equal(2.88312798, FusedScore.ProductLogit(FusedScore.ProductLogit(four, four), four).item<double>(), 8);
        var zero = zeros(1, dtype: ScalarType.Float64);
        Assert.Equal(-Math.Log(7), FusedScore.ProductLogit(zero, FusedScore.ProductLogit(zero, zero)).item<double>(), 12);
        var (a, b) = (tensor(new[] { -3.0 }), tensor(new[] { 1.5 }));
        Assert.Equal(FusedScore.ProductLogit(a, b).item<double>(), FusedScore.ProductLogit(b, a).item<double>(), 14);
        Assert.Equal(ScalarType.Float32, FusedScore.ProductLogit(a.to(ScalarType.Float16), b.to(ScalarType.BFloat16)).dtype);
    }

    // [30, 1] columns of the file are the module's [N, L] with N = 30 and L = 1.
    private static (Tensor Selector, Tensor Classes, Tensor Centerness) Inputs(System.Text.Json.JsonElement oracle, ScalarType type) => (
        oracle.GetProperty("pss").ToTensor().squeeze(-1).to(type).requires_grad_(),
        oracle.GetProperty("cls").ToTensor().to(type).requires_grad_(),
        oracle.GetProperty("ctr").ToTensor().squeeze(-1).to(type).requires_grad_());
}
