namespace Pss.Engine.Data.Formats;

/// <summary>Throws faults or collects them, as the caller chose.</summary>
internal sealed class FaultLog(OnInvalid onInvalid)
{
    private readonly List<DatasetException> _skipped = [];

    public IReadOnlyList<DatasetException> Skipped => _skipped;

    /// <summary>Throws, or lists the record as left out.</summary>
    public void Add(string file, string record, string field, string problem)
    {
        var fault = new DatasetException(file, record, field, problem);
        if (onInvalid == OnInvalid.Throw)
            throw fault;
        _skipped.Add(fault);
    }
}
