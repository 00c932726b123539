namespace Pss.Engine.Data;

/// <summary>What a reader does with an invalid record. What does not change a box (a broken mask, a repeated id, a name that is spelled another way) is
/// mended and listed in <see cref="DetectionDataset.Notes"/> in any case.</summary>
public enum OnInvalid
{
    /// <summary>Throw a <see cref="DatasetException"/>.</summary>
    Throw,

    /// <summary>Skip the record and list it in <see cref="DetectionDataset.Skipped"/>; repair what can be, as <see cref="Repair"/>.</summary>
    Skip,

    /// <summary>Cut off boxes that reach over the edge of their image and list them in <see cref="DetectionDataset.Notes"/>; throw for what cannot be
    /// repaired.</summary>
    Repair,
}
