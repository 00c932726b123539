namespace Pss.Engine.Weights;

/// <summary>A weight file is damaged or inconsistent, or needs code to be executed.</summary>
public sealed class WeightFileException : FormatException
{
    /// <summary>Describes a fault.</summary>
    /// <param name="path">The file, followed by the record if it is an archive.</param>
    /// <param name="offset">Byte offset of the fault, from the start of the file or record.</param>
    /// <param name="problem">The problem and, if possible, what to do.</param>
    /// <param name="inner">The cause.</param>
    public WeightFileException(string path, long offset, string problem, Exception? inner = null)
        : base($"{path}, byte {offset}: {problem}", inner) => (Path, Offset) = (path, offset);

    /// <summary>The file, followed by the record if it is an archive.</summary>
    public string Path { get; }

    /// <summary>Byte offset of the fault.</summary>
    public long Offset { get; }
}
