using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Pss.Engine;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Saving;

/// <summary>Input: the network's inputs, and the detector as text.</summary>
internal sealed class TorchInput
{
    [ColumnName(SavedColumns.Pixels)]
    public VBuffer<byte> Pixels { get; set; }

    [ColumnName(SavedColumns.Geometry)]
    public VBuffer<float> Geometry { get; set; }

    /// <summary>Not a string: that would be a copy for every row.</summary>
    [ColumnName(SavedColumns.Detector)]
    public ReadOnlyMemory<char> Detector { get; set; }
}

/// <summary>Output: the detections, as an exported network gives them, and their masks as text.</summary>
internal sealed class TorchOutput
{
    [ColumnName(SavedColumns.Boxes)]
    public VBuffer<float> Boxes { get; set; }

    [ColumnName(SavedColumns.Scores)]
    public VBuffer<float> Scores { get; set; }

    [ColumnName(SavedColumns.Labels)]
    public VBuffer<ReadOnlyMemory<char>> Labels { get; set; }

    [ColumnName(SavedColumns.MaskTexts)]
    public VBuffer<ReadOnlyMemory<char>> MaskTexts { get; set; }
}

/// <summary>The constant key of a model whose network runs on TorchSharp. Model files contain this contract name: it must not change.</summary>
/// <remarks>A missing libtorch is told when the model is loaded, not at its first row.</remarks>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class TorchKeyFactory : CustomMappingFactory<EmptyInput, KeyOutput>
{
    public const string Contract = "Pss.TorchKey";

    public override Action<EmptyInput, KeyOutput> GetMapping()
    {
        TorchRuntime.Require();
        return KeyFactory.Map;
    }
}

/// <summary>Detects with the engine. Model files contain this contract name: it must not change.</summary>
/// <remarks>The name says nothing of a number format: the detector's text does.</remarks>
[CustomMappingFactoryAttribute(Contract)]
internal sealed class TorchFactory : CustomMappingFactory<TorchInput, TorchOutput>
{
    public const string Contract = "Pss.DetectOnTorch";

    public static void Map(TorchInput input, TorchOutput output)
    {
        var geometry = input.Geometry.GetValues();
        // Zeros stand for a missing image.
        if (geometry[0] <= 0)
        {
            (output.Boxes, output.Scores, output.Labels, output.MaskTexts) = (default, default, default, default);
            return;
        }
        var detector = DetectorText.Detector(input.Detector);
        var (width, height) = ImageScaling.SizeOf(geometry);
        var found = detector.Detect(input.Pixels.GetValues(), width, height);
        output.Boxes = Vector(found.SelectMany(item => (float[])[item.X1, item.Y1, item.X2, item.Y2]));
        output.Scores = Vector(found.Select(item => item.Score));
        output.Labels = Vector(found.Select(item => detector.Classes[item.Label].AsMemory()));
        output.MaskTexts = Vector(found.Select(item => MaskText.Write(item.Mask).AsMemory()));
    }

    public override Action<TorchInput, TorchOutput> GetMapping() => Map;

    private static VBuffer<T> Vector<T>(IEnumerable<T> values)
    {
        var array = values.ToArray();
        return new(array.Length, array);
    }
}
