namespace Pss.Engine.Training;

/// <summary>How gradients become steps.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with <see cref="TrainingOptions.Momentum"/>, the paper's.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay. It takes a lower learning rate than SGD, such as 0.001 at a batch of 16 from random weights, and more
    /// weight decay, such as 0.05.</summary>
    AdamW,
}
