using Microsoft.ML;
using Pss.Engine.Inference;

namespace Pss.MLNet.Saving;

/// <summary>The network of a saved model, on what it runs on: the steps of the chain that differ.</summary>
internal abstract class SavedNetwork : IDisposable
{
    /// <summary>The network in the format that the options ask for.</summary>
    /// <param name="model">The detector, with the size rule of the saved model.</param>
    /// <param name="options">How to score.</param>
    public static SavedNetwork Create(DetectorModel model, PssDetectionOptions options)
        => options.SavedPrecision == Precision.BFloat16 ? new TorchNetwork(model, options) : new OnnxNetwork(model, options);

    /// <summary>The columns that only this network's steps make.</summary>
    public abstract string[] OwnColumns { get; }

    /// <summary>The constant key, whose loading checks that the network can run.</summary>
    public abstract IEstimator<ITransformer> Key(TransformsCatalog transforms);

    /// <summary>From pixels and geometry to boxes, scores, labels and, where asked for, masks as text.</summary>
    public abstract IEnumerable<IEstimator<ITransformer>> Steps(TransformsCatalog transforms);

    /// <summary>Frees what the fitted steps need until they are saved.</summary>
    public virtual void Dispose()
    {
    }
}
