namespace Pss.Engine.Evaluation;

/// <summary>Detections by outcome, and missed objects. Correct + Missed = Objects.</summary>
internal sealed record ErrorCounts
{
    /// <summary>Objects that are not crowds.</summary>
    public int Objects { get; init; }

    /// <summary>Detections that found an object.</summary>
    public int Correct { get; init; }

    /// <summary>Objects that no detection found.</summary>
    public int Missed { get; init; }

    /// <summary>Second and further detections of an object.</summary>
    public int Duplicate { get; init; }

    /// <summary>Detections that overlap an object of another class.</summary>
    public int WrongClass { get; init; }

    /// <summary>Detections that overlap an object of their class too little.</summary>
    public int PoorBox { get; init; }

    /// <summary>Detections that overlap no annotated object.</summary>
    public int Background { get; init; }

    internal ErrorCounts With(DetectionOutcome outcome) => outcome switch
    {
        DetectionOutcome.Correct => this with { Correct = Correct + 1 },
        DetectionOutcome.Duplicate => this with { Duplicate = Duplicate + 1 },
        DetectionOutcome.WrongClass => this with { WrongClass = WrongClass + 1 },
        DetectionOutcome.PoorBox => this with { PoorBox = PoorBox + 1 },
        DetectionOutcome.Background => this with { Background = Background + 1 },
        _ => this,
    };

    internal ErrorCounts Plus(ErrorCounts other) => new()
    {
        Objects = Objects + other.Objects,
        Correct = Correct + other.Correct,
        Missed = Missed + other.Missed,
        Duplicate = Duplicate + other.Duplicate,
        WrongClass = WrongClass + other.WrongClass,
        PoorBox = PoorBox + other.PoorBox,
        Background = Background + other.Background,
    };
}
