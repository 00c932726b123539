
namespace Pss.Engine.Inference;

/// <summary>How the one-to-many output is scored before NMS.</summary>
public enum OneToManyScore
{
    /// <summary>Class probability times center-ness; the threshold applies to the class probability alone, the best locations of a level
    /// are those with the best product. The paper's base code.</summary>
    Product,

    /// <summary>The square root of that product; threshold and best candidates of a level by it, class by class. torchvision.</summary>
    GeometricMean,
}
