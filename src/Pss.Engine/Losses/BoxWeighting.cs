
namespace Pss.Engine.Losses;

/// <summary>Weights of the box loss of positive locations.</summary>
public enum BoxWeighting
{
    /// <summary>Its center-ness target; the sum is divided by the sum of weights.</summary>
    Centerness,

    /// <summary>Nothing; the sum is divided by the number of positives, as torchvision has it.</summary>
    Uniform,
}
