using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace StandIns.Tests.Nn;

[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
[Collection(nameof(LeakTests))]
public sealed class LeakTests
{
    [Fact]
    public void Two_thousand_training_steps_leave_no_tensor_behind()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var net = nn.Sequential(nn.Conv2d(1, 4, 3, padding: 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 3));
        using var optimizer = optim.SGD(net.parameters(), 0.01, 0.9, weight_decay: 1e-4);
        Step(0);
        var before = Tensor.TotalCount;
        for (var i = 1; i <= 2000; i++) Step(i);
        Assert.Equal(before, Tensor.TotalCount);

        void Step(int seed)
        {
            using var scope = NewDisposeScope();
            var x = (arange(64.0f) * seed).sin().reshape(1, 1, 8, 8);
            var up = F.interpolate(net.call(x), scale_factor: [2, 2]);
            var loss = F.binary_cross_entropy_with_logits(up, up.detach().sigmoid());
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(net.parameters(), 1);
            optimizer.step();
        }
    }
}
