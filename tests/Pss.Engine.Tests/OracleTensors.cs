using System.Runtime.InteropServices;
using System.Text.Json;
using Pss.Engine.Weights;
using static TorchSharp.torch;

namespace Pss.Engine.Tests;

/// <summary>Oracle files as tensors: numbers in JSON and float64 arrays as float64.</summary>
internal static class OracleTensors
{
    public static JsonElement Json(params string[] parts) => JsonDocument.Parse(File.ReadAllBytes(OracleFiles.Path(parts))).RootElement;

    public static WeightFile Arrays(params string[] parts) => Safetensors.Read(OracleFiles.Path(parts));

    /// <summary>Nested arrays of numbers.</summary>
    public static Tensor ToTensor(this JsonElement element)
    {
        var shape = new List<long>();
        for (var inner = element; inner.ValueKind == JsonValueKind.Array; inner = inner[0])
        {
            shape.Add(inner.GetArrayLength());
            if (inner.GetArrayLength() == 0)
                break;
        }

        var values = new List<double>();
        Collect(element, values);
        return tensor(values.ToArray()).view([.. shape]);
    }

    public static long[] ToLongs(this JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetInt64())];

    public static Tensor ToTensor(this NamedTensor array)
    {
        long[] shape = [.. array.Shape];
        return array.Dtype switch
        {
            WeightDtype.Float64 => tensor(MemoryMarshal.Cast<byte, double>(array.Data.Span).ToArray()).view(shape),
            WeightDtype.Int64 => tensor(MemoryMarshal.Cast<byte, long>(array.Data.Span).ToArray()).view(shape),
            WeightDtype.Bool => tensor(Array.ConvertAll(array.Data.ToArray(), value => value != 0)).view(shape),
            _ => tensor(array.ToSingles()).view(shape),
        };
    }

    /// <summary>The largest difference, relative to the expected value where that is above 1 in size.</summary>
    public static double Difference(Tensor expected, Tensor actual)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        if (expected.numel() == 0)
            return 0;
        var wide = expected.to(ScalarType.Float64);
        var difference = (wide - actual.to(ScalarType.Float64)).abs() / wide.abs().clamp(min: 1);
        return difference.max().item<double>();
    }

    public static void Close(Tensor expected, Tensor actual, double tolerance) => Assert.InRange(Difference(expected, actual), 0, tolerance);

    public static long[] ToArray(Tensor integers) => integers.contiguous().data<long>().ToArray();

    private static void Collect(JsonElement element, List<double> values)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                Collect(item, values);
        }
        else
        {
            values.Add(element.GetDouble());
        }
    }
}
