namespace Pss.Engine.Data.Formats;

/// <summary>How a reader checks the annotations against the image files.</summary>
public enum ImageCheck
{
    /// <summary>No check: an image that is not found has a null <see cref="ImageRecord.Path"/>. Not supported for YOLO, whose files hold no
    /// image sizes.</summary>
    None,

    /// <summary>Every image file must exist.</summary>
    Exists,

    /// <summary>Every image file must exist and have the stated size; only its header is read.</summary>
    Size,
}
