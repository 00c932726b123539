using TorchSharp.Modules;

namespace Pss.Engine.Training;

/// <summary>A parameter and what applies to it alone.</summary>
/// <param name="Parameter">The parameter; it stays its owner's.</param>
/// <param name="RateFactor">Factor on the learning rate, 0 or more.</param>
/// <param name="WeightDecay">Its weight decay.</param>
internal sealed record TrainedParameter(Parameter Parameter, double RateFactor, double WeightDecay);
