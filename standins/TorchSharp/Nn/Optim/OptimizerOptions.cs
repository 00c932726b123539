namespace TorchSharp.Modules;

public class OptimizerOptions
{
    private protected OptimizerOptions()
    {
    }

    public double? LearningRate { get; set; }
    internal double InitialLearningRate { get; set; }

    public virtual void LoadStateDict(OptimizerOptions source)
    {
        LearningRate = source.LearningRate;
        InitialLearningRate = source.InitialLearningRate;
    }
}
