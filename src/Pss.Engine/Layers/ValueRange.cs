using static TorchSharp.torch;

namespace Pss.Engine.Layers;

/// <summary>The smallest and the largest of some numbers.</summary>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
internal readonly record struct ValueRange(float Min, float Max)
{
    private const int Steps = 255;

    /// <summary>The range of a tensor's elements.</summary>
    public static ValueRange Of(Tensor values)
    {
        using var scope = NewDisposeScope();
        var ends = stack([values.min(), values.max()]).ToHost<float>();
        return new(ends[0], ends[1]);
    }

    /// <summary>The range of both.</summary>
    public ValueRange Union(ValueRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    /// <summary>The range behind a ReLU.</summary>
    public ValueRange Relu() => new(0, Math.Max(Max, 0));

    /// <summary>The step between two bytes, and the byte that stands for 0, which is always exact.</summary>
    public (float Scale, byte Zero) ToBytes()
    {
        var (low, high) = (Math.Min(Min, 0), Math.Max(Max, 0));
        var scale = Math.Max((high - low) / Steps, 1e-8f);
        return (scale, (byte)Math.Clamp(MathF.Round(-low / scale), 0, Steps));
    }
}
