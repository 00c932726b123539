using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace DetectionService.Scoring;

/// <summary>A detector's own file on TorchSharp, which takes the images of a batch in one forward pass.</summary>
internal sealed class DetectorScorer : IScorer
{
    /// <summary>The most detections of an image that a request may ask for.</summary>
    public const int MaxDetections = 1000;

    private readonly Detector _detector;
    private readonly ImageDecoding _decoding;

    public DetectorScorer(string path, ServiceOptions options)
    {
        _detector = Detector.Load(path, new() { Device = options.Device, PostProcessing = new() { Masks = false, MaxDetections = MaxDetections } });
        _decoding = ImageDecoding.For(_detector.Resize) with { MaxPixels = options.MaxPixels };
        (Name, BatchSize) = (Path.GetFileName(path), options.BatchSize);
    }

    public string Name { get; }

    public IReadOnlyList<string> Classes => _detector.Classes;

    public int BatchSize { get; }

    // One batch is decoded and scaled while the network runs on another.
    public int Parallelism => 2;

    public IReadOnlyList<ScoredImage> Score(IReadOnlyList<byte[]> images)
    {
        var scored = new ScoredImage[images.Count];
        var decoded = new RgbImage?[images.Count];
        for (var i = 0; i < decoded.Length; i++)
        {
            try
            {
                decoded[i] = RgbImage.Decode(images[i], Scorer.ImageName, _decoding);
            }
            catch (InvalidDataException error)
            {
                scored[i] = ScoredImage.Unreadable(error);
            }
        }
        var readable = Enumerable.Range(0, decoded.Length).Where(i => decoded[i] is not null).ToArray();
        foreach (var (i, found) in readable.Zip(_detector.Detect([.. readable.Select(i => decoded[i]!)])))
            scored[i] = new([.. found.Select(Found)]);
        return scored;
    }

    public void Dispose() => _detector.Dispose();

    private FoundObject Found(Detection detection) => new(Classes[detection.Label], detection.Score, new(detection.X1, detection.Y1, detection.X2, detection.Y2));
}
