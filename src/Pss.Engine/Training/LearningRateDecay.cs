namespace Pss.Engine.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
internal enum LearningRateDecay
{
    /// <summary>By a factor at the start of given epochs, the paper's.</summary>
    Steps,

    /// <summary>From step to step along half a cosine, down to the final factor.</summary>
    Cosine,

    /// <summary>From step to step along a straight line, down to the final factor.</summary>
    Linear,
}
