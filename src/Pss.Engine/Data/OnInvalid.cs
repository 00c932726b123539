namespace Pss.Engine.Data;

/// <summary>What a reader does with a record that breaks a rule.</summary>
public enum OnInvalid
{
    /// <summary>Stop with a <see cref="DatasetException"/>.</summary>
    Throw,

    /// <summary>Leave the record out and list it in <see cref="DetectionDataset.Skipped"/>.</summary>
    Skip,
}
