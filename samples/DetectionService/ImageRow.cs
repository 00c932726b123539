using Microsoft.ML.Data;

namespace DetectionService;

/// <summary>The input of a model that reads images.</summary>
internal sealed class ImageRow
{
    public MLImage? Image { get; set; }
}
