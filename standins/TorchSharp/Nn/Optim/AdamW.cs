using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class AdamW : OptimizerHelper
{
    private readonly Options _defaults;

    internal AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    internal AdamW(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0,
        bool amsgrad = false, bool maximize = false)
    {
        if (lr < 0) throw new ArgumentException($"Invalid learning rate: {lr}");
        if (beta1 is < 0 or >= 1) throw new ArgumentException($"Invalid beta1 value: {beta1}");
        if (beta2 is < 0 or >= 1) throw new ArgumentException($"Invalid beta2 value: {beta2}");
        if (eps < 0) throw new ArgumentException($"Invalid eps value: {eps}");
        if (weight_decay < 0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        _defaults = new Options
        {
            LearningRate = lr,
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public override void add_param_group(Modules.ParamGroup param_group)
    {
        var options = (Options)(param_group.Options ??= new Options());
        options.LearningRate ??= _defaults.LearningRate;
        options.beta1 ??= _defaults.beta1;
        options.beta2 ??= _defaults.beta2;
        options.eps ??= _defaults.eps;
        options.weight_decay ??= _defaults.weight_decay;
        options.amsgrad ??= _defaults.amsgrad;
        options.maximize ??= _defaults.maximize;
        AddGroup(param_group, p => new State(p, options.amsgrad!.Value));
    }

    public override Tensor? step(Func<Tensor>? closure = null) => Step<State>(closure, (group, parameters, grads, states) =>
    {
        foreach (var state in states) state.step++;
        // Parameters that have missed a step for want of a gradient are corrected by their own count.
        foreach (var same in Enumerable.Range(0, states.Count).GroupBy(i => states[i].step))
        {
            var at = same.ToList();
            Step((Options)group.Options, same.Key, at.ConvertAll(i => parameters[i]), at.ConvertAll(i => grads[i]), at.ConvertAll(i => states[i]));
        }
    });

    private static void Step(Options options, long count, List<Tensor> parameters, IReadOnlyList<Tensor> grads, List<State> states)
    {
        var (beta1, beta2, rate) = (options.beta1!.Value, options.beta2!.Value, options.LearningRate!.Value);
        if (options.maximize!.Value) grads = Foreach.Product(grads, -1);
        var (first, second) = (states.ConvertAll(s => s.exp_avg), states.ConvertAll(s => s.exp_avg_sq));

        Foreach.Multiply(parameters, 1 - (rate * options.weight_decay!.Value));
        Foreach.Multiply(first, beta1);
        Foreach.Add(first, grads, 1 - beta1);
        Foreach.Multiply(second, beta2);
        Foreach.AddProduct(second, grads, grads, 1 - beta2);

        if (options.amsgrad!.Value)
        {
            foreach (var state in states) state.RaiseMaximum();
            second = states.ConvertAll(s => s.max_exp_avg_sq!);
        }
        var spread = Foreach.Root(second);
        Foreach.Divide(spread, Math.Sqrt(1 - Math.Pow(beta2, count)));
        Foreach.Add(spread, options.eps!.Value);
        Foreach.AddQuotient(parameters, first, spread, -rate / (1 - Math.Pow(beta1, count)));
    }

    public class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? weight_decay;
        public double? eps;
        public bool? amsgrad;
        public bool? maximize;

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var other = (Options)source;
            (beta1, beta2, eps, weight_decay) = (other.beta1, other.beta2, other.eps, other.weight_decay);
            (amsgrad, maximize) = (other.amsgrad, other.maximize);
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
    }

    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor exp_avg;
        public Tensor exp_avg_sq;
        public Tensor? max_exp_avg_sq;

        internal State(Parameter parameter, bool amsgrad) : base(parameter)
        {
            (exp_avg, exp_avg_sq) = (Zeros(parameter), Zeros(parameter));
            if (amsgrad) max_exp_avg_sq = Zeros(parameter);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var other = (State)source;
            Dispose();
            step = other.step;
            (exp_avg, exp_avg_sq) = (Copy(other.exp_avg), Copy(other.exp_avg_sq));
            max_exp_avg_sq = other.max_exp_avg_sq is { } max ? Copy(max) : null;
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        internal void RaiseMaximum()
        {
            var old = max_exp_avg_sq!;
            max_exp_avg_sq = maximum(old, exp_avg_sq).DetachFromDisposeScope();
            old.Dispose();
        }
    }
}
