namespace Pss.Engine.Evaluation;

/// <summary>Positions of records sorted by category, then image, then position.</summary>
internal sealed class RecordIndex
{
    private readonly int[] _order;
    private readonly int[] _image;
    private readonly int[] _start;

    public RecordIndex(int count, int images, int categories, Func<int, (int Image, int Category)> place)
    {
        _image = new int[count];
        var category = new int[count];
        for (var i = 0; i < count; i++)
            (_image[i], category[i]) = place(i);
        _order = [.. Enumerable.Range(0, count)];
        Sort(_order, _image, images);
        _start = Sort(_order, category, categories);
    }

    public ReadOnlyMemory<int> Category(int category) => _order.AsMemory(_start[category].._start[category + 1]);

    public int FirstImage(ReadOnlyMemory<int> records) => records.IsEmpty ? int.MaxValue : _image[records.Span[0]];

    /// <summary>The number of leading records that belong to the image.</summary>
    public int CountOf(int image, ReadOnlyMemory<int> records)
    {
        var span = records.Span;
        var n = 0;
        while (n < span.Length && _image[span[n]] == image)
            n++;
        return n;
    }

    /// <summary>Stable counting sort; returns where each key starts.</summary>
    private static int[] Sort(int[] order, int[] keys, int bins)
    {
        var start = new int[bins + 1];
        foreach (var key in keys)
            start[key + 1]++;
        for (var i = 0; i < bins; i++)
            start[i + 1] += start[i];
        var next = start.AsSpan(0, bins).ToArray();
        foreach (var item in order.ToArray())
            order[next[keys[item]]++] = item;
        return start;
    }
}
