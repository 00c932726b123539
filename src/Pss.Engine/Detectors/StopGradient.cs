
namespace Pss.Engine.Detectors;

/// <summary>The stop-gradient of the selector (the paper's section 3.4 and footnote 4).</summary>
public enum StopGradient
{
    /// <summary>Nothing is held back: the row "without stop-gradient" of Table 2.</summary>
    None,

    /// <summary>
    /// The tower's features are detached where the selector starts; class and center-ness logits inside the product are not.
    /// </summary>
    Features,

    /// <summary>
    /// Class and center-ness logits inside the product are detached too: the base detector trains exactly as without selector.
    /// </summary>
    Full,
}
