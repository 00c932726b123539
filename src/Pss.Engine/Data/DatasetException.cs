namespace Pss.Engine.Data;

/// <summary>An annotation file is invalid. The message names file, record and field and says what to do.</summary>
public sealed class DatasetException : Exception
{
    /// <summary>Makes the exception; the message is composed of the parts.</summary>
    /// <param name="file">The annotation file at fault.</param>
    /// <param name="record">The record, such as "annotations[12] (id 4711)", or empty for the file as a whole.</param>
    /// <param name="field">The field, such as "bbox", or empty for the record as a whole.</param>
    /// <param name="problem">What is wrong, and what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public DatasetException(string file, string record, string field, string problem, Exception? inner = null)
        : base(string.Join(": ", new[] { file, record, field, problem }.Where(part => part.Length > 0)), inner)
        => (File, Record, Field, Problem) = (file, record, field, problem);

    /// <summary>The annotation file at fault.</summary>
    public string File { get; }

    /// <summary>The record at fault, or empty.</summary>
    public string Record { get; }

    /// <summary>The field at fault, or empty.</summary>
    public string Field { get; }

    /// <summary>What is wrong, and what to do.</summary>
    public string Problem { get; }
}
