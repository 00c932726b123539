using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace DetectionService.Scoring;

/// <summary>Scores with a model that takes decoded images.</summary>
internal sealed class PixelEngine(PredictionEngine<ImageRow, FoundRow> engine, int maxPixels) : ImageEngine
{
    public override FoundRow Predict(byte[] image)
    {
        var decoded = RgbImage.Decode(image, Scorer.ImageName, new() { MaxPixels = maxPixels });
        var pixels = new byte[4 * decoded.Width * decoded.Height];
        decoded.CopyTo(pixels);
        using var picture = MLImage.CreateFromPixels(decoded.Width, decoded.Height, MLPixelFormat.Rgba32, pixels);
        return engine.Predict(new() { Image = picture });
    }

    public override void Dispose() => engine.Dispose();
}
