using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Training;

/// <summary>
/// Changes parameters by their gradients. Each kind of tensor that it keeps per parameter, such as a velocity, is a slot. TorchSharp's own
/// optimizers are not safe beside garbage collections, see <see cref="TensorArithmetic"/>.
/// </summary>
/// <param name="parameters">What is trained; they stay their owner's.</param>
/// <param name="slots">Endings of the slots' names in checkpoints.</param>
internal abstract class Optimizer(IReadOnlyList<TrainedParameter> parameters, params string[] slots) : IDisposable
{
    private readonly Tensor?[][] _slots = [.. slots.Select(_ => new Tensor?[parameters.Count])];

    /// <summary>The optimizer that the options name.</summary>
    public static Optimizer Create(IReadOnlyList<TrainedParameter> parameters, TrainingOptions options) => options.Optimizer switch
    {
        OptimizerKind.AdamW => new AdamWOptimizer(parameters, options.Beta1, options.Beta2, options.Epsilon),
        _ => new SgdOptimizer(parameters, options.Momentum),
    };

    /// <summary>Number of parameters.</summary>
    protected int Count => parameters.Count;

    /// <summary>Changes the parameters that have a gradient.</summary>
    /// <param name="rate">The learning rate, to be multiplied by each parameter's factor.</param>
    public void Step(double rate)
    {
        using var _ = no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            using var scope = NewDisposeScope();
            if (parameters[i].Parameter.grad is { } gradient)
                Update(i, parameters[i], gradient, rate * parameters[i].RateFactor);
        }
    }

    /// <summary>Drops the gradients: the next backward pass brings its own, and further ones of the step add to it.</summary>
    public void ClearGradients()
    {
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.Parameter.grad;
            parameter.Parameter.grad = null;
        }
    }

    /// <summary>What the optimizer keeps from step to step.</summary>
    public virtual IEnumerable<NamedTensor> State()
        => slots.SelectMany((_, slot) => _slots[slot].Select((value, i) => value is null ? null : NetworkWeights.ToNamed(Name(i, slot), value)).OfType<NamedTensor>());

    /// <summary>Goes on from the state in a checkpoint.</summary>
    public virtual void Restore(WeightFile checkpoint)
    {
        using var scope = NewDisposeScope();
        for (var slot = 0; slot < slots.Length; slot++)
        {
            for (var i = 0; i < parameters.Count; i++)
            {
                if (checkpoint.Find(Name(i, slot)) is { } saved)
                    Keep(slot, i, zeros_like(parameters[i].Parameter).copy_(NetworkWeights.ToTensor(saved)));
            }
        }
    }

    /// <summary>Frees what the optimizer keeps.</summary>
    public void Dispose()
    {
        foreach (var value in _slots.SelectMany(values => values))
            value?.Dispose();
    }

    /// <summary>Changes one parameter.</summary>
    /// <param name="index">The parameter's index.</param>
    /// <param name="trained">The parameter.</param>
    /// <param name="gradient">Its gradient, in its shape.</param>
    /// <param name="rate">Its learning rate.</param>
    protected abstract void Update(int index, TrainedParameter trained, Tensor gradient, double rate);

    /// <summary>The tensor in a slot; null until <see cref="Keep"/>.</summary>
    protected Tensor? Kept(int slot, int index) => _slots[slot][index];

    /// <summary>Keeps a tensor in a slot, which owns it from now on.</summary>
    protected Tensor Keep(int slot, int index, Tensor value)
    {
        _slots[slot][index]?.Dispose();
        return _slots[slot][index] = value.DetachFromDisposeScope();
    }

    /// <summary>The name in checkpoints of what belongs to a parameter.</summary>
    protected static string Name(int index, string ending) => $"optimizer:{index}{ending}";

    private string Name(int index, int slot) => Name(index, slots[slot]);
}
