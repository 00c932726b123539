
namespace Pss.Engine.Inference;

/// <summary>Which of a trained detector's two outputs is used.</summary>
public enum DetectionMode
{
    /// <summary>The product of selector, class and center-ness; the best of it are the detections. No NMS (the paper's section 3.2). DeFCN's score does
    /// without a selector.</summary>
    EndToEnd,

    /// <summary>The base detector: selector ignored, duplicates removed by NMS.</summary>
    OneToMany,
}
