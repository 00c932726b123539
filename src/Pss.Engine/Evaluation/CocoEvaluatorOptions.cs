namespace Pss.Engine.Evaluation;

/// <summary>Options of the COCO protocol; the defaults give the official metrics.</summary>
public sealed record CocoEvaluatorOptions
{
    /// <summary>Whether the overlap of masks is measured ("segm" in COCO's words; every object and every detection needs one) instead of that of boxes
    /// ("bbox").</summary>
    public bool Masks { get; init; }

    /// <summary>Largest area of a small object, in square pixels, and smallest of a medium one: inclusive, so that an object
    /// of exactly this area counts in both ranges.</summary>
    public double SmallMaxArea { get; init; } = 32 * 32;

    /// <summary>Largest area of a medium object, in square pixels, and smallest of a large one; inclusive.</summary>
    public double MediumMaxArea { get; init; } = 96 * 96;

    /// <summary>Three ascending limits on the number of detections per image <em>and category</em>, in descending score order. Recall is measured at
    /// each, precision at the last.</summary>
    public IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Whether to keep <see cref="CocoEvaluation.Matches"/>; takes about 60 bytes per detection.</summary>
    internal bool KeepMatches { get; init; }

    /// <summary>Number of categories evaluated in parallel. The result does not depend on it.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names property, value and range.</exception>
    public void Validate()
    {
        Check.Positive(SmallMaxArea);
        Check.Within(MediumMaxArea, SmallMaxArea, AreaRanges.Unlimited);
        if (MaxDetections is not [> 0, _, _] || MaxDetections[1] <= MaxDetections[0] || MaxDetections[2] <= MaxDetections[1])
            throw new ArgumentException(
                $"{nameof(MaxDetections)} is [{string.Join(", ", MaxDetections ?? [])}]; it must be three ascending limits of at least 1.");
        Check.AtLeast(DegreeOfParallelism, 1);
    }
}
