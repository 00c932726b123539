namespace Pss.Engine.Weights;

/// <summary>Weights that are another network's.</summary>
public sealed class WeightMismatchException : Exception
{
    private const int Shown = 10;

    internal WeightMismatchException(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> misshapen)
        : base(
            $"The weights do not fit the network. {List("Missing", missing)} {List("Unexpected", unexpected)} {List("Of another shape", misshapen)} "
            + "Build the network with the options that the weights were made with, or choose the map of names that goes with them.")
    {
        (Missing, Unexpected, ShapeMismatches) = (missing, unexpected, misshapen);
    }

    /// <summary>Names of the network that the file lacks.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>Names of the file that the network lacks, or has twice.</summary>
    public IReadOnlyList<string> Unexpected { get; }

    /// <summary>Names with both shapes where these differ.</summary>
    public IReadOnlyList<string> ShapeMismatches { get; }

    private static string List(string title, IReadOnlyList<string> names) => names.Count == 0
        ? $"{title} (0)."
        : $"{title} ({names.Count}): {string.Join("; ", names.Take(Shown))}{(names.Count > Shown ? "; ..." : ".")}";
}
