
namespace Pss.Engine.Inference;

/// <summary>Which of a trained detector's two outputs is used.</summary>
public enum DetectionMode
{
    /// <summary>The product of selector, class and center-ness; the best of it are the detections. No NMS (the paper's section 3.2).</summary>
    EndToEnd,

    /// <summary>The base detector: selector ignored, duplicates removed by NMS.</summary>
    OneToMany,
}
