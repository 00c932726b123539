using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class ParamGroup : optim.ILearningRateController
{
    private protected ParamGroup()
    {
    }

    public IEnumerable<Parameter> Parameters { get; set; } = [];

    public OptimizerOptions Options { get; set; } = null!;

    public double LearningRate
    {
        get => Options.LearningRate!.Value;
        set => Options.LearningRate = value;
    }

    public double InitialLearningRate
    {
        get => Options.InitialLearningRate;
        set => Options.InitialLearningRate = value;
    }
}

public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    private protected ParamGroup()
    {
    }

    private protected ParamGroup(IEnumerable<Parameter> parameters, TOptions options)
    {
        Parameters = parameters;
        base.Options = options;
    }
}
