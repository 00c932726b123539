namespace Pss.Engine.Evaluation;

/// <summary>What the overlap of a detection and an object is measured on.</summary>
public enum IouType
{
    /// <summary>The upright boxes ("bbox" in COCO's words).</summary>
    Box,

    /// <summary>The run-length masks ("segm" in COCO's words); every object and every detection needs one.</summary>
    Mask,
}
