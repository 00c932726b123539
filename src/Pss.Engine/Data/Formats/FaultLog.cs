namespace Pss.Engine.Data.Formats;

/// <summary>Throws on faults or collects them, as <see cref="OnInvalid"/> says.</summary>
internal sealed class FaultLog(OnInvalid onInvalid)
{
    private readonly List<DatasetException> _skipped = [];

    public IReadOnlyList<DatasetException> Skipped => _skipped;

    /// <summary>Throws, or lists the record as skipped.</summary>
    public void Add(string file, string record, string field, string problem)
    {
        var fault = new DatasetException(file, record, field, problem);
        if (onInvalid == OnInvalid.Throw)
            throw fault;
        _skipped.Add(fault);
    }
}
