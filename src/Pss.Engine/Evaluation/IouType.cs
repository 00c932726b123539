namespace Pss.Engine.Evaluation;

/// <summary>The regions whose overlap is measured.</summary>
public enum IouType
{
    /// <summary>The upright boxes ("bbox" in COCO's words).</summary>
    Box,

    /// <summary>The run-length masks ("segm" in COCO's words); every object and every detection needs one.</summary>
    Mask,
}
