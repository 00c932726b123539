using Microsoft.ML.Data;

namespace DetectionService.Scoring;

/// <summary>The input of a model that reads images.</summary>
internal sealed class ImageRow
{
    public MLImage? Image { get; set; }
}
