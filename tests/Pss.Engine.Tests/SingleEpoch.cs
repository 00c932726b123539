using Pss.Engine.Data.Loading;

namespace Pss.Engine.Tests;

internal static class SingleEpoch
{
    /// <summary>The batches of one epoch.</summary>
    public static IEnumerable<TrainingBatch> Epoch(this BatchLoader loader, int epoch, int firstBatch = 0, CancellationToken cancellationToken = default)
        => loader.From(epoch, firstBatch, cancellationToken).Take(loader.BatchesPerEpoch - firstBatch);
}
