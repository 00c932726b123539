using Microsoft.ML;
using Pss.Engine.Inference;

namespace Pss.MLNet.Saving;

/// <summary>The network on TorchSharp: the engine's detector, as text in a column.</summary>
internal sealed class TorchNetwork(DetectorModel model, PssDetectionOptions options) : SavedNetwork
{
    public override string[] OwnColumns => [SavedColumns.Detector, SavedColumns.MaskTexts];

    public override IEstimator<ITransformer> Key(TransformsCatalog transforms)
        => transforms.CustomMapping<EmptyInput, KeyOutput>(KeyFactory.Map, TorchKeyFactory.Contract);

    public override IEnumerable<IEstimator<ITransformer>> Steps(TransformsCatalog transforms)
    {
        var text = DetectorText.Write(model, options.Scoring with { Precision = options.SavedPrecision, Resize = null });
        yield return transforms.Conversion.MapValue(SavedColumns.Detector, new Dictionary<int, string> { [0] = text }, SavedColumns.Key);
        yield return transforms.CustomMapping<TorchInput, TorchOutput>(TorchFactory.Map, TorchFactory.Contract);
    }
}
