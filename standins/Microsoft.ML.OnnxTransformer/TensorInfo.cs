using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Onnx;

/// <summary>An input or output of a model. <paramref name="Given"/>: the shape comes from the shape dictionary, not from the model.</summary>
internal sealed record TensorInfo(string Name, int ElementType, int[] Shape, bool Given)
{
    internal PrimitiveDataViewType ItemType => ElementType switch
    {
        1 => NumberDataViewType.Single,
        2 => NumberDataViewType.Byte,
        6 => NumberDataViewType.Int32,
        7 => NumberDataViewType.Int64,
        8 => TextDataViewType.Instance,
        9 => BooleanDataViewType.Instance,
        11 => NumberDataViewType.Double,
        _ => throw new NotSupportedException($"Tensor '{Name}' of the ONNX model has element type {ElementType}, which is not supported"),
    };

    /// <summary>A leading unknown dimension counts as 1, any other as 0; no dimension at all is one of 1.</summary>
    internal int[] InputShape => Shape.Length == 0 ? [1] : [.. Shape.Select((size, axis) => size > 0 ? size : axis == 0 && size < 0 ? 1 : 0)];

    internal VectorDataViewType OutputType
    {
        get
        {
            var shape = Given ? Shape : InputShape;
            return shape.All(size => size > 0) ? new VectorDataViewType(ItemType, shape) : new VectorDataViewType(ItemType);
        }
    }

    internal TensorInfo With(IDictionary<string, int[]> shapes)
    {
        if (shapes is null || !shapes.TryGetValue(Name, out var shape))
            return this;
        if (shape.Length != Shape.Length || shape.Zip(Shape).Any(pair => pair.First > 0 && pair.Second > 0 && pair.First != pair.Second))
        {
            throw new ArgumentOutOfRangeException("shapeDictionary",
                $"The shape {string.Join(",", shape)} given for '{Name}' does not fit the shape {string.Join(",", Shape)} of the ONNX model");
        }
        return this with { Shape = shape, Given = true };
    }
}
