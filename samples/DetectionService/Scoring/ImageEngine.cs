namespace DetectionService.Scoring;

/// <summary>Scores image files with a saved model, on one thread at a time.</summary>
internal abstract class ImageEngine : IDisposable
{
    public abstract FoundRow Predict(byte[] image);

    public abstract void Dispose();
}
