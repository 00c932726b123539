using Microsoft.ML;

namespace DetectionService.Scoring;

/// <summary>Scores with a model that takes file names: the image goes through a file of the engine's own, whose name no request knows.</summary>
internal sealed class FileEngine(PredictionEngine<FileRow, FoundRow> engine, string folder) : ImageEngine
{
    private readonly FileRow _row = new() { Image = Path.Combine(folder, Path.GetRandomFileName()) };

    public override FoundRow Predict(byte[] image)
    {
        File.WriteAllBytes(_row.Image, image);
        return engine.Predict(_row);
    }

    public override void Dispose()
    {
        engine.Dispose();
        File.Delete(_row.Image);
    }
}
