using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public interface ILearningRateController
        {
            double LearningRate { get; set; }
            double InitialLearningRate { get; set; }
        }

        public abstract class Optimizer : IDisposable
        {
            private protected readonly List<ParamGroup> Groups = [];

            private protected Optimizer()
            {
            }

            public virtual IEnumerable<ILearningRateController> ParamGroups => Groups;

            public virtual IEnumerable<Parameter> parameters() => Groups.SelectMany(g => g.Parameters);

            public virtual void add_param_group(ParamGroup param_group) => throw new NotSupportedException(nameof(add_param_group));

            public virtual void zero_grad() => throw new NotSupportedException(nameof(zero_grad));

            public virtual Tensor? step(Func<Tensor>? closure = null) => throw new NotSupportedException(nameof(step));

            public void Dispose()
            {
                Release();
                GC.SuppressFinalize(this);
            }

            private protected abstract void Release();

            public class StateDictionary
            {
                internal StateDictionary()
                {
                }

                public List<OptimizerOptions> Options { get; } = [];
                public List<OptimizerState> State { get; } = [];
                internal List<List<int>> StateIndexRef { get; } = [];
            }
        }
    }
}
