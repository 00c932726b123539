using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Data.Images;

namespace DetectionService.Scoring;

/// <summary>A model that <c>mlContext.Model.Save</c> wrote. Its network takes one image at a time; a prediction engine per thread scores it.</summary>
internal sealed class SavedModelScorer : IScorer
{
    private readonly ITransformer _model;
    private readonly Func<ImageEngine> _create;
    private readonly ConcurrentBag<ImageEngine> _engines = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pss-service-");

    public SavedModelScorer(string path, ServiceOptions options)
    {
        Name = Path.GetFileName(path);
        try
        {
            var mlContext = new MLContext { GpuDeviceId = Scorer.Gpu(options.Device), FallbackToCpu = false };
            _model = mlContext.Model.Load(path, out var schema);
            var input = ImageInput.Find(mlContext, _model, schema);
            Classes = input.Classes;
            _create = () => input.CreateEngine(mlContext, _model, _folder.FullName, options.MaxPixels);
        }
        catch (Exception error)
        {
            Dispose();
            if (error is ArgumentException)
                throw;
            throw new InvalidDataException($"{path} cannot be served: {error.GetBaseException().Message}", error);
        }
    }

    public string Name { get; }

    public IReadOnlyList<string> Classes { get; }

    public int BatchSize => 1;

    // While the network runs on one image, others are decoded.
    public int Parallelism { get; } = Math.Clamp(Environment.ProcessorCount, 2, 8);

    public IReadOnlyList<ScoredImage> Score(IReadOnlyList<byte[]> images) => [.. images.Select(Score)];

    public void Dispose()
    {
        foreach (var engine in _engines)
            engine.Dispose();
        (_model as IDisposable)?.Dispose();
        _folder.Delete(recursive: true);
    }

    private ScoredImage Score(byte[] image)
    {
        // An engine belongs to one thread at a time.
        if (!_engines.TryTake(out var engine))
            engine = _create();
        try
        {
            var found = engine.Predict(image);
            return new([.. Enumerable.Range(0, found.Score.Length).Select(i => Object(found, i))]);
        }
        catch (Exception) when (Unreadable(image) is { } problem)
        {
            return ScoredImage.Unreadable(problem);
        }
        finally
        {
            _engines.Add(engine);
        }
    }

    private FoundObject Object(FoundRow found, int i)
    {
        var box = found.PredictedBoundingBoxes.AsSpan(4 * i, 4);
        return new(Classes[(int)found.PredictedLabel[i] - 1], found.Score[i], new(box[0], box[1], box[2], box[3]));
    }

    /// <summary>What is wrong with an image; null if nothing is. The model's own message names a file that the client does not know.</summary>
    private static InvalidDataException? Unreadable(byte[] image)
    {
        try
        {
            RgbImage.Decode(image, Scorer.ImageName);
            return null;
        }
        catch (InvalidDataException error)
        {
            return error;
        }
    }
}
