namespace Pss.Engine.Weights;

/// <summary>A weight file is damaged, lies about its contents, or asks for something that reading weights must not do.</summary>
public sealed class WeightFileException : FormatException
{
    /// <summary>Describes a fault.</summary>
    /// <param name="path">The file, with the record inside it where it is an archive.</param>
    /// <param name="offset">Byte at which the fault was found, counted from the start of that file or record.</param>
    /// <param name="problem">What is wrong and, where possible, what to do.</param>
    /// <param name="inner">The fault that caused it.</param>
    public WeightFileException(string path, long offset, string problem, Exception? inner = null)
        : base($"{path}, byte {offset}: {problem}", inner) => (Path, Offset) = (path, offset);

    /// <summary>The file, with the record inside it where it is an archive.</summary>
    public string Path { get; }

    /// <summary>Byte at which the fault was found.</summary>
    public long Offset { get; }
}
