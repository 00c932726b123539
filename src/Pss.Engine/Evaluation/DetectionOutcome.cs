namespace Pss.Engine.Evaluation;

/// <summary>The outcome of a detection.</summary>
internal enum DetectionOutcome
{
    /// <summary>It found an object.</summary>
    Correct,

    /// <summary>It overlaps an object of its class that a detection with a higher score has found.</summary>
    Duplicate,

    /// <summary>It overlaps an object of another class.</summary>
    WrongClass,

    /// <summary>It overlaps an object of its class, but too little.</summary>
    PoorBox,

    /// <summary>It overlaps no annotated object.</summary>
    Background,

    /// <summary>It is inside a crowd region of its class and is not counted.</summary>
    Ignored,
}
