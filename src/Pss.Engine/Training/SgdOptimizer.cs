using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Stochastic gradient descent, to the last bit that of torch: with gradient g and parameter p, d = g + decay * p, v = momentum * v + d
/// (v = d in the first step), p = p - rate * v.
/// </summary>
/// <param name="parameters">What is trained.</param>
/// <param name="momentum">Factor of the velocity from step to step; 0 keeps none.</param>
internal sealed class SgdOptimizer(IReadOnlyList<TrainedParameter> parameters, double momentum) : Optimizer(parameters, "")
{
    private const int Velocity = 0;

    protected override void Update(int index, TrainedParameter trained, Tensor gradient, double rate)
    {
        var change = trained.WeightDecay == 0 ? gradient : gradient.Plus(trained.Parameter, trained.WeightDecay);
        trained.Parameter.AddInPlace(momentum == 0 ? change : Accumulate(index, change), -rate);
    }

    private Tensor Accumulate(int index, Tensor change) => Kept(Velocity, index) is { } velocity
        ? velocity.MultiplyInPlace(momentum).AddInPlace(change)
        : Keep(Velocity, index, change.clone());
}
