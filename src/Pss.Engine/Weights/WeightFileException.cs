namespace Pss.Engine.Weights;

/// <summary>A weight file is damaged or inconsistent, needs code to be executed, or does not fit the network.</summary>
public sealed class WeightFileException : FormatException
{
    private const int Shown = 10;

    /// <summary>Describes a fault of a file.</summary>
    /// <param name="path">The file, followed by the record if it is an archive.</param>
    /// <param name="offset">Byte offset of the fault, from the start of the file or record.</param>
    /// <param name="problem">The problem and, if possible, what to do.</param>
    /// <param name="inner">The cause.</param>
    internal WeightFileException(string path, long offset, string problem, Exception? inner = null)
        : base($"{path}, byte {offset}: {problem}", inner) => (Path, Offset) = (path, offset);

    /// <summary>Describes weights that do not fit the network.</summary>
    /// <param name="missing">Names in the network that the weights lack.</param>
    /// <param name="unexpected">Names of weights that the network lacks, or that are mapped twice.</param>
    /// <param name="shapeMismatches">Names with different shapes, with both shapes.</param>
    internal WeightFileException(IReadOnlyList<string> missing, IReadOnlyList<string> unexpected, IReadOnlyList<string> shapeMismatches)
        : base($"The weights do not fit the network. {List("Missing", missing)} {List("Unexpected", unexpected)} {List("With another shape", shapeMismatches)} "
            + "Build the network with the options of the weights, or rename them with the matching name map.")
        => (Missing, Unexpected, ShapeMismatches) = (missing, unexpected, shapeMismatches);

    /// <summary>The file, followed by the record if it is an archive; null where weights do not fit the network.</summary>
    public string? Path { get; }

    /// <summary>Byte offset of the fault in the file.</summary>
    public long Offset { get; }

    /// <summary>Names in the network that the weights lack.</summary>
    public IReadOnlyList<string> Missing { get; } = [];

    /// <summary>Names of weights that the network lacks, or that are mapped twice.</summary>
    public IReadOnlyList<string> Unexpected { get; } = [];

    /// <summary>Names with different shapes, with both shapes.</summary>
    public IReadOnlyList<string> ShapeMismatches { get; } = [];

    private static string List(string title, IReadOnlyList<string> names) => names.Count == 0
        ? $"{title} (0)."
        : $"{title} ({names.Count}): {string.Join("; ", names.Take(Shown))}{(names.Count > Shown ? "; ..." : ".")}";
}
