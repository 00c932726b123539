namespace Microsoft.ML.Transforms;

/// <summary>Values of a column compared: text by its characters, everything else as it compares itself.</summary>
internal sealed class ValueComparer<T> : IEqualityComparer<T>, IComparer<T>
{
    public bool Equals(T x, T y) => x is ReadOnlyMemory<char> text ? text.Span.SequenceEqual(Text(y)) : EqualityComparer<T>.Default.Equals(x, y);

    public int GetHashCode(T obj) => obj is ReadOnlyMemory<char> text ? string.GetHashCode(text.Span) : obj.GetHashCode();

    public int Compare(T x, T y) => x is ReadOnlyMemory<char> text ? text.Span.SequenceCompareTo(Text(y)) : Comparer<T>.Default.Compare(x, y);

    /// <summary>Values that stand for nothing: empty text and not-a-number.</summary>
    public static bool IsMissing(T value) => value is ReadOnlyMemory<char> { IsEmpty: true } or float.NaN or double.NaN;

    private static ReadOnlySpan<char> Text(T value) => ((ReadOnlyMemory<char>)(object)value).Span;
}
