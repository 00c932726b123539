using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class OptimizerHelper : optim.Optimizer
{
    // By object: a parameter that a module has replaced since has no entry, and a step then fails with KeyNotFoundException.
    private readonly Dictionary<Parameter, OptimizerState> _state = new(ReferenceEqualityComparer.Instance);

    private protected OptimizerHelper()
    {
    }

    public override void zero_grad()
    {
        using var scope = NewDisposeScope();
        Foreach.Zero(parameters().Select(p => p.grad).OfType<Tensor>().ToList());
    }

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in Groups)
        {
            dictionary.Options.Add(group.Options);
            var first = dictionary.State.Count;
            dictionary.State.AddRange(group.Parameters.Select(p => _state[p]));
            dictionary.StateIndexRef.Add(Enumerable.Range(first, dictionary.State.Count - first).ToList());
        }
        return dictionary;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        if (state_dict.Options.Count != own.Options.Count)
            throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
        if (state_dict.State.Count != own.State.Count) throw new ArgumentException("Invalid optimizer state -- different number of states.");
        foreach (var (target, source) in own.Options.Zip(state_dict.Options))
            if (!ReferenceEquals(target, source)) target.LoadStateDict(source);
        foreach (var (target, source) in own.State.Zip(state_dict.State))
            if (!ReferenceEquals(target, source)) target.LoadStateDict(source);
    }

    private protected override void Release()
    {
        foreach (var state in _state.Values.OfType<IDisposable>()) state.Dispose();
        _state.Clear();
    }

    private protected void AddGroup(ParamGroup group, Func<Parameter, OptimizerState> create)
    {
        group.InitialLearningRate = group.LearningRate;
        Groups.Add(group);
        foreach (var parameter in group.Parameters) _state[parameter] = create(parameter);
    }

    // Runs one step's body over each group, portion by portion: parameters that have a gradient, their gradients and their states.
    private protected Tensor? Step<TState>(Func<Tensor>? closure, Action<ParamGroup, List<Tensor>, List<Tensor>, List<TState>> body)
        where TState : OptimizerState
    {
        Tensor? loss = null;
        if (closure is not null)
        {
            using var on = enable_grad();
            loss = closure();
        }
        using var off = no_grad();
        foreach (var group in Groups)
        {
            foreach (var portion in Portions(group.Parameters))
            {
                using var scope = NewDisposeScope();
                var (parameters, grads, states) = (new List<Tensor>(), new List<Tensor>(), new List<TState>());
                foreach (var parameter in portion)
                {
                    var state = (TState)_state[parameter];
                    if (parameter.grad is not { } grad) continue;
                    parameters.Add(parameter);
                    grads.Add(grad);
                    states.Add(state);
                }
                if (parameters.Count > 0) body(group, parameters, grads, states);
            }
        }
        return loss;
    }

    // A processor works fastest on as much as its cache holds, a GPU on everything at once.
    private static IEnumerable<List<Parameter>> Portions(IEnumerable<Parameter> parameters)
    {
        const long CacheElements = 1 << 16;
        var (portion, elements) = (new List<Parameter>(), 0L);
        foreach (var parameter in parameters)
        {
            portion.Add(parameter);
            if (parameter.is_cuda || (elements += parameter.numel()) < CacheElements) continue;
            yield return portion;
            (portion, elements) = ([], 0);
        }
        yield return portion;
    }
}
