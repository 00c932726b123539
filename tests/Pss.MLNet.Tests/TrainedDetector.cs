using Microsoft.ML;
using Pss.Engine.Inference;

namespace Pss.MLNet.Tests;

/// <summary>A detector trained once for the tests of a class.</summary>
public sealed class TrainedDetector : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainedDetector()
    {
        var context = new MLContext(1);
        using var model = Tiny.Pipeline(context).Fit(Tiny.View(context, 16));
        model.LastTransformer.SaveDetector(File);
        Model = model.LastTransformer.Model;
    }

    /// <summary>Its file.</summary>
    public string File => _folder["tiny.safetensors"];

    internal DetectorModel Model { get; }

    public void Dispose() => _folder.Dispose();
}
