using Pss.Engine.Detectors;
using Pss.Engine.Losses;
using static TorchSharp.torch;

namespace Pss.Engine.Tests.Losses;

public class RankingLossTests
{
    [Fact]
    public void Values_and_gradients_equal_the_oracle()
    {
        using var scope = NewDisposeScope();
        foreach (var item in OracleTensors.Json("losses", "ranking.json").GetProperty("cases").EnumerateArray())
        {
            var positives = item.GetProperty("p_pos").ToTensor().requires_grad_();
            var negatives = item.GetProperty("p_neg").ToTensor().requires_grad_();
            var loss = RankingLoss.Sum(Row(positives), ones(1, Row(positives).shape[1]) > (positives.numel() == 0 ? 1 : 0), Row(negatives));
            Assert.Equal(item.GetProperty("loss").GetDouble(), loss.item<double>(), 10);
            loss.backward();
            OracleTensors.Close(item.GetProperty("grad_p_pos").ToTensor(), positives.grad ?? zeros_like(positives), 1e-10);
            OracleTensors.Close(item.GetProperty("grad_p_neg").ToTensor(), negatives.grad ?? zeros_like(negatives), 1e-10);
        }

        // The loss takes logits, and padding where there are none.
        static Tensor Row(Tensor probabilities) => probabilities.numel() == 0
            ? full(1, 1, double.NegativeInfinity, dtype: ScalarType.Float64).requires_grad_()
            : (probabilities.log() - (1 - probabilities).log()).unsqueeze(0);
    }

    [Fact]
    public void From_logits_equals_the_oracle()
    {
        using var scope = NewDisposeScope();
        var oracle = OracleTensors.Json("losses", "ranking.json").GetProperty("from_logits");
        var selector = oracle.GetProperty("pss").ToTensor().squeeze(-1).requires_grad_();
        var cls = oracle.GetProperty("cls").ToTensor().requires_grad_();
        var centerness = oracle.GetProperty("ctr").ToTensor().squeeze(-1).requires_grad_();
        var fused = FusedScore.Logit(new(cls, [selector, centerness])).view(1, -1);
        var target = oracle.GetProperty("targets").ToTensor().view(1, -1) > 0;
        var loss = RankingLoss.Sum(fused, target, fused.masked_fill(target, double.NegativeInfinity));
        Assert.Equal(oracle.GetProperty("loss").GetDouble(), loss.item<double>(), 12);
        loss.backward();
        var gradients = oracle.GetProperty("grads_all");
        OracleTensors.Close(gradients.GetProperty("grad_pss").ToTensor(), selector.grad!.unsqueeze(-1), 1e-12);
        OracleTensors.Close(gradients.GetProperty("grad_cls").ToTensor(), cls.grad!, 1e-12);
        OracleTensors.Close(gradients.GetProperty("grad_ctr").ToTensor(), centerness.grad!.unsqueeze(-1), 1e-12);
    }

    [Fact]
    public void Images_without_objects_add_nothing_to_the_mean()
    {
        using var scope = NewDisposeScope();
        var positives = tensor(new float[] { 0, 0 }).view(2, 1);
        var negatives = zeros(2, 3);
        var loss = RankingLoss.Sum(positives, tensor(new[] { true, false }).view(2, 1), negatives) / 2;
        Assert.Equal(0.25f, loss.item<float>());
    }
}
