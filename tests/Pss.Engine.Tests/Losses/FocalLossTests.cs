using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Losses;

public class FocalLossTests
{
    [Fact]
    public void Values_and_gradients_equal_the_oracle()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "focal.json");
        var targets = oracle.GetProperty("targets").ToTensor();
        var cases = oracle.GetProperty("cases").EnumerateArray().Select(item => (item, targets))
            .Append((oracle.GetProperty("soft_targets"), oracle.GetProperty("soft_targets").GetProperty("targets").ToTensor()));
        foreach (var (item, target) in cases)
        {
            var logits = oracle.GetProperty("logits").ToTensor().requires_grad_();
            var loss = FocalLoss.Elementwise(logits, target, item.GetProperty("alpha").GetDouble(), item.GetProperty("gamma").GetDouble());
            OracleTensors.Close(item.GetProperty("loss").ToTensor(), loss, 1e-12);
            loss.sum().backward();
            OracleTensors.Close(item.GetProperty("grad_of_sum").ToTensor(), logits.grad!, 1e-12);
        }
    }

    [Fact]
    public void Half_precision_logits_are_computed_in_float32()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[] { -20, -1, 0, 3 }).to(ScalarType.BFloat16);
        Assert.Equal(ScalarType.Float32, FocalLoss.Elementwise(logits, zeros(4)).dtype);
    }

    [Fact]
    public void An_alpha_of_0_leaves_targets_out_and_a_negative_one_weights_nothing()
    {
        using var scope = NewDisposeScope();
        var (logits, targets) = (zeros(2), tensor(new float[] { 1, 0 }));
        // At a probability of one half: 0.25 log 2 without weighting.
        OracleTensors.Close(tensor(new float[] { 0, 0.17328679f }), FocalLoss.Elementwise(logits, targets, alpha: 0), 1e-6);
        OracleTensors.Close(tensor(new float[] { 0.17328679f, 0.17328679f }), FocalLoss.Elementwise(logits, targets, alpha: -1), 1e-6);
    }
}
