namespace Pss.MLNet;

/// <summary>Default column names: those of ML.NET's own ObjectDetection trainer, and those of an annotated dataset's view.</summary>
internal static class DefaultColumns
{
    public const string Image = "Image";
    public const string ImagePath = "ImagePath";
    public const string ImageId = "ImageId";
    public const string Label = "Label";
    public const string BoundingBoxes = "BoundingBoxes";
    public const string IsCrowd = "IsCrowd";
    public const string Area = "Area";
    public const string Masks = "Masks";
    public const string PredictedLabel = "PredictedLabel";
    public const string PredictedBoundingBoxes = "PredictedBoundingBoxes";
    public const string Score = "Score";
}
