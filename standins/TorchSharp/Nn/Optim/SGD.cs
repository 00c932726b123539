using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class SGD : OptimizerHelper
{
    private readonly Options _defaults;

    internal SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false,
        bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    internal SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false,
        bool maximize = false)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (momentum < 0) throw new ArgumentException($"Invalid momentum value: {momentum}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
        _defaults = new Options
        {
            LearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var options = (Options)(param_group.Options ??= new Options());
        options.LearningRate ??= _defaults.LearningRate;
        options.momentum ??= _defaults.momentum;
        options.dampening ??= _defaults.dampening;
        options.weight_decay ??= _defaults.weight_decay;
        options.nesterov ??= _defaults.nesterov;
        options.maximize ??= _defaults.maximize;
        AddGroup(param_group, p => new State(p));
    }

    public override Tensor? step(Func<Tensor>? closure = null) => Step<State>(closure, (group, parameters, grads, states) =>
    {
        var options = (Options)group.Options;
        var (decay, momentum, rate) = (options.weight_decay!.Value, options.momentum!.Value, options.LearningRate!.Value);
        IReadOnlyList<Tensor> directions = grads;
        if (decay != 0) directions = Foreach.Sum(directions, parameters, decay);
        if (momentum != 0)
        {
            var moved = Accumulate(states, directions, momentum, 1 - options.dampening!.Value);
            directions = options.nesterov!.Value ? Foreach.Sum(directions, moved, momentum) : moved;
        }
        Foreach.Add(parameters, directions, options.maximize!.Value ? rate : -rate);
    });

    private static List<Tensor> Accumulate(List<State> states, IReadOnlyList<Tensor> directions, double momentum, double share)
    {
        var known = Enumerable.Range(0, states.Count).Where(i => states[i].momentum_buffer is not null).ToList();
        if (known.Count > 0)
        {
            var buffers = known.ConvertAll(i => states[i].momentum_buffer!);
            Foreach.Multiply(buffers, momentum);
            Foreach.Add(buffers, known.ConvertAll(i => directions[i]), share);
        }
        for (var i = 0; i < states.Count; i++) states[i].momentum_buffer ??= directions[i].clone().DetachFromDisposeScope();
        return states.ConvertAll(s => s.momentum_buffer!);
    }

    public class Options : OptimizerOptions
    {
        public double? momentum;
        public double? dampening;
        public double? weight_decay;
        public bool? nesterov;
        public bool? maximize;

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (momentum, dampening, weight_decay) = (other.momentum, other.dampening, other.weight_decay);
            (nesterov, maximize) = (other.nesterov, other.maximize);
        }
    }

    public class ParamGroup : ParamGroup<Options>
    {
        internal ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0, double dampening = 0, double weight_decay = 0,
            bool nesterov = false, bool maximize = false)
            : base(parameters, new Options
            {
                LearningRate = lr,
                momentum = momentum,
                dampening = dampening,
                weight_decay = weight_decay,
                nesterov = nesterov,
                maximize = maximize,
            })
        {
        }
    }

    public sealed class State : OptimizerState, IDisposable
    {
        public Tensor? momentum_buffer;

        internal State(Parameter parameter) : base(parameter)
        {
        }

        public override void LoadStateDict(OptimizerState source)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = Copy(((State)source).momentum_buffer!);
        }

        public void Dispose() => momentum_buffer?.Dispose();
    }
}
