namespace Pss.Engine.Data.Formats;

/// <summary>Throws on faults or collects them, as <see cref="OnInvalid"/> says, and collects notes.</summary>
internal sealed class FaultLog(OnInvalid onInvalid)
{
    private const int MaxNotes = 100;
    private readonly List<DatasetException> _skipped = [];
    private readonly List<DatasetException> _notes = [];
    private readonly Dictionary<(string Field, string What), int> _counts = [];

    /// <summary>A dataset with these faults and notes. Building its images may add to them.</summary>
    public DetectionDataset ToDataset(string name, IReadOnlyList<Category> categories, IReadOnlyList<ImageRecord> images, ReadOptions options) => new()
    {
        Name = name,
        Categories = categories,
        Images = images,
        MaxPixels = options.MaxPixels,
        Skipped = _skipped,
        Notes = _notes,
        NoteCounts = _counts,
    };

    /// <summary>A fault that cannot be repaired: throws, or lists the record as skipped.</summary>
    public void Add(string file, string record, string field, string problem)
    {
        var fault = new DatasetException(file, record, field, problem);
        if (onInvalid != OnInvalid.Skip)
            throw fault;
        _skipped.Add(fault);
    }

    /// <summary>A fault whose repair changes a box: throws, or lists the repair.</summary>
    public void Repair(string file, string record, string field, string problem, string repair)
    {
        if (onInvalid == OnInvalid.Throw)
            throw new DatasetException(file, record, field, $"{problem}; correct it, or read with {nameof(ReadOptions)}.{nameof(ReadOptions.OnInvalid)} = {nameof(OnInvalid.Repair)} ({repair})");
        Note(file, record, field, repair);
    }

    /// <summary>What was passed over or mended without changing a box.</summary>
    /// <param name="file">The annotation file.</param>
    /// <param name="record">The record, or empty.</param>
    /// <param name="field">The field, or empty.</param>
    /// <param name="what">The same words for the same reason, so that notes can be counted by them.</param>
    public void Note(string file, string record, string field, string what)
    {
        var count = _counts[(field, what)] = _counts.GetValueOrDefault((field, what)) + 1;
        if (count <= MaxNotes)
            _notes.Add(new(file, record, field, what));
    }
}
