using System.Runtime.InteropServices;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Adam with decoupled weight decay, in the order of torch: with gradient g, parameter p and step t from 1,
/// p = p * (1 - rate * decay), m = beta1 * m + (1 - beta1) * g, s = beta2 * s + (1 - beta2) * g^2,
/// p = p - rate / (1 - beta1^t) * m / (sqrt(s / (1 - beta2^t)) + epsilon).
/// </summary>
/// <param name="parameters">What is trained.</param>
/// <param name="beta1">Factor of the mean m from step to step.</param>
/// <param name="beta2">Factor of the mean square s from step to step.</param>
/// <param name="epsilon">Added to the divisor.</param>
internal sealed class AdamWOptimizer(IReadOnlyList<TrainedParameter> parameters, double beta1, double beta2, double epsilon)
    : Optimizer(parameters, ":mean", ":square")
{
    private const int Mean = 0;
    private const int Square = 1;
    private const string StepsEnding = ":steps";

    // A parameter whose first gradient comes late starts then, as in torch.
    private readonly long[] _steps = new long[parameters.Count];

    public override IEnumerable<NamedTensor> State() => base.State().Concat(
        _steps.Select((steps, i) => new NamedTensor(Name(i, StepsEnding), WeightDtype.Int64, [1], MemoryMarshal.AsBytes((ReadOnlySpan<long>)[steps]).ToArray())));

    public override void Restore(WeightFile checkpoint)
    {
        base.Restore(checkpoint);
        for (var i = 0; i < Count; i++)
        {
            if (checkpoint.Find(Name(i, StepsEnding)) is { } steps)
                _steps[i] = MemoryMarshal.Read<long>(steps.Data.Span);
        }
    }

    protected override void Update(int index, TrainedParameter trained, Tensor gradient, double rate)
    {
        var steps = ++_steps[index];
        var mean = Kept(Mean, index) ?? Keep(Mean, index, zeros_like(gradient));
        var square = Kept(Square, index) ?? Keep(Square, index, zeros_like(gradient));
        if (trained.WeightDecay != 0)
            trained.Parameter.MultiplyInPlace(1 - rate * trained.WeightDecay);
        mean.MoveTowards(gradient, 1 - beta1);
        square.MultiplyInPlace(beta2).AddProductInPlace(gradient, gradient, 1 - beta2);
        var divisor = square.sqrt().Over(Math.Sqrt(1 - Math.Pow(beta2, steps))).Plus(epsilon);
        trained.Parameter.AddQuotientInPlace(mean, divisor, -rate / (1 - Math.Pow(beta1, steps)));
    }
}
