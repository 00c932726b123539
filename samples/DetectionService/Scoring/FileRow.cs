namespace DetectionService.Scoring;

/// <summary>The input of a model that reads image files.</summary>
internal sealed class FileRow
{
    public string Image { get; set; } = "";
}
