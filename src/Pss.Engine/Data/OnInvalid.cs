namespace Pss.Engine.Data;

/// <summary>What a reader does with an invalid record.</summary>
public enum OnInvalid
{
    /// <summary>Throw a <see cref="DatasetException"/>.</summary>
    Throw,

    /// <summary>Skip the record and list it in <see cref="DetectionDataset.Skipped"/>.</summary>
    Skip,
}
