using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Stochastic gradient descent, to the last bit that of torch: with gradient g and parameter p, d = g + decay * p, v = momentum * v + d
/// (v = d in the first step), p = p - rate * v. TorchSharp's own is not safe beside garbage collections, see
/// <see cref="TensorArithmetic"/>.
/// </summary>
/// <param name="parameters">What is trained; they stay their owner's.</param>
/// <param name="momentum">Factor of the velocity from step to step; 0 keeps none.</param>
/// <param name="weightDecay">Part of a parameter that is added to its gradient.</param>
internal sealed class SgdOptimizer(IReadOnlyList<Parameter> parameters, double momentum, double weightDecay) : IDisposable
{
    private readonly Tensor?[] _velocities = new Tensor?[parameters.Count];

    /// <summary>v of each parameter, in the parameter's shape; null until the first step with a gradient.</summary>
    public IReadOnlyList<Tensor?> Velocities => _velocities;

    /// <summary>Changes the parameters that have a gradient.</summary>
    /// <param name="rate">The learning rate.</param>
    public void Step(double rate)
    {
        using var _ = no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (parameters[i].grad is not { } gradient)
                continue;
            var change = weightDecay == 0 ? gradient : gradient.Plus(parameters[i], weightDecay);
            parameters[i].AddInPlace(momentum == 0 ? change : Velocity(i, change), -rate);
        }
    }

    /// <summary>Sets the gradients to zero: the next backward passes add to them.</summary>
    public void ClearGradients()
    {
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            gradient?.zero_();
        }
    }

    /// <summary>Goes on from an earlier training's velocity, which is the optimizer's from now on.</summary>
    /// <param name="parameter">Whose it is, by the parameter's index.</param>
    /// <param name="velocity">Its v, on the parameter's device.</param>
    public void Restore(int parameter, Tensor velocity)
    {
        _velocities[parameter]?.Dispose();
        _velocities[parameter] = velocity.DetachFromDisposeScope();
    }

    /// <summary>Frees the velocities.</summary>
    public void Dispose()
    {
        foreach (var velocity in _velocities)
            velocity?.Dispose();
    }

    private Tensor Velocity(int parameter, Tensor change)
    {
        if (_velocities[parameter] is { } velocity)
            return velocity.MultiplyInPlace(momentum).AddInPlace(change);
        return _velocities[parameter] = change.clone().DetachFromDisposeScope();
    }
}
