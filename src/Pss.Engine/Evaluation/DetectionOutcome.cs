namespace Pss.Engine.Evaluation;

/// <summary>What a detection turned out to be.</summary>
internal enum DetectionOutcome
{
    /// <summary>It found an object.</summary>
    Correct,

    /// <summary>It lies on an object of its class that a surer detection had already found.</summary>
    Duplicate,

    /// <summary>It lies on an object of another class.</summary>
    WrongClass,

    /// <summary>It touches an object of its class, but overlaps it too little.</summary>
    PoorBox,

    /// <summary>It lies on nothing that is annotated.</summary>
    Background,

    /// <summary>It lies in a crowd region of its class and counts neither way.</summary>
    Ignored,
}
