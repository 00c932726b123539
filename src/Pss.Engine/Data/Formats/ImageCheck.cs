namespace Pss.Engine.Data.Formats;

/// <summary>How far a reader compares the annotations with the image files.</summary>
public enum ImageCheck
{
    /// <summary>Not at all: an image that is not found has a null <see cref="ImageRecord.Path"/>. YOLO cannot be read so: its files hold no
    /// image sizes.</summary>
    None,

    /// <summary>Each image must be there.</summary>
    Exists,

    /// <summary>Each image must be there and have the stated size; only its header is read.</summary>
    Size,
}
