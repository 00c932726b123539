using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Distributed;

namespace Pss.Engine.Inference;

/// <summary>Brings the detections of batches that were dealt out to several processes to all of them.</summary>
internal static class SharedDetections
{
    /// <summary>The detections of all images, in their order.</summary>
    /// <param name="communicator">The processes.</param>
    /// <param name="images">Number of images of all processes.</param>
    /// <param name="batchSize">Images of a batch; process r has batches r, r + size, ...</param>
    /// <param name="own">This process's detections of both outputs; those without NMS are empty where there are none.</param>
    /// <param name="cancellationToken">Checked in all processes.</param>
    /// <exception cref="OperationCanceledException">A process was canceled.</exception>
    public static (List<IReadOnlyList<Detection>> Single, List<IReadOnlyList<Detection>> Many) Exchange(
        Communicator communicator, int images, int batchSize, (List<IReadOnlyList<Detection>> Single, List<IReadOnlyList<Detection>> Many) own,
        CancellationToken cancellationToken)
    {
        if (communicator.Any(cancellationToken.IsCancellationRequested))
            throw new OperationCanceledException(cancellationToken);
        return (All(own.Single), All(own.Many));

        List<IReadOnlyList<Detection>> All(List<IReadOnlyList<Detection>> lists)
        {
            if (!communicator.Any(lists.Count > 0))
                return lists;
            var ofRank = Array.ConvertAll(
                communicator.Gather(JsonSerializer.SerializeToUtf8Bytes(lists)), bytes => new Queue<Detection[]>(JsonSerializer.Deserialize<Detection[][]>(bytes)!));
            return [.. Enumerable.Range(0, images).Select(image => ofRank[image / batchSize % communicator.Size].Dequeue())];
        }
    }
}
