namespace DetectionService.Scoring;

/// <summary>A model that finds objects in images. Calls may come from several threads.</summary>
internal interface IScorer : IDisposable
{
    /// <summary>The file's name.</summary>
    string Name { get; }

    /// <summary>The names of the classes.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>Most images of a call.</summary>
    int BatchSize { get; }

    /// <summary>Number of calls at a time that keep the processors busy.</summary>
    int Parallelism { get; }

    /// <summary>Finds the objects in image files.</summary>
    /// <returns>One result per image.</returns>
    IReadOnlyList<ScoredImage> Score(IReadOnlyList<byte[]> images);
}
