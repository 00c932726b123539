namespace Pss.Engine.Weights;

/// <summary>Weights do not fit the network.</summary>
public sealed class WeightMismatchException : Exception
{
    private const int Shown = 10;

    internal WeightMismatchException(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> shapeMismatches)
        : base(
            $"The weights do not fit the network. {List("Missing", missing)} {List("Unexpected", unexpected)} {List("With another shape", shapeMismatches)} "
            + "Build the network with the options of the weights, or rename them with the matching name map.")
    {
        (Missing, Unexpected, ShapeMismatches) = (missing, unexpected, shapeMismatches);
    }

    /// <summary>Names in the network that the file lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names in the file that the network lacks, or that are mapped twice.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names with different shapes, with both shapes.</summary>
    public IReadOnlyList<string> ShapeMismatches { get; }

    private static string List(string title, IReadOnlyList<string> names) => names.Count == 0
        ? $"{title} (0)."
        : $"{title} ({names.Count}): {string.Join("; ", names.Take(Shown))}{(names.Count > Shown ? "; ..." : ".")}";
}
