using Pss.MLNet;

namespace Microsoft.ML;

/// <summary>The object detection catalog of an <see cref="MLContext"/>.</summary>
public static class ObjectDetectionExtensions
{
    /// <summary>Object detection with this context: its estimators log to <see cref="MLContext.Log"/> and use its GpuDeviceId and FallbackToCpu.</summary>
    /// <param name="mlContext">The context.</param>
    public static ObjectDetectionCatalog ObjectDetection(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new(mlContext);
    }
}
