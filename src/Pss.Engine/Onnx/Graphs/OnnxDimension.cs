using System.Globalization;

namespace Pss.Engine.Onnx.Graphs;

/// <summary>One dimension of an input or output: a fixed size, or a name for a size that each run may choose.</summary>
internal readonly record struct OnnxDimension
{
    private OnnxDimension(long size, string? name) => (Size, Name) = (size, name);

    /// <summary>The size, or 0 where it is chosen at run time.</summary>
    public long Size { get; }

    /// <summary>The name of a size chosen at run time, such as "batch", or null.</summary>
    public string? Name { get; }

    /// <summary>A fixed size.</summary>
    public static implicit operator OnnxDimension(long size) => new(size, null);

    /// <summary>A size chosen at run time.</summary>
    public static implicit operator OnnxDimension(string name) => new(0, name);

    /// <inheritdoc/>
    public override string ToString() => Name ?? Size.ToString(CultureInfo.InvariantCulture);
}
