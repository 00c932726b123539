using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

public sealed class ImageTypeAttribute : DataViewTypeAttribute
{
    private readonly int _height, _width;

    /// <summary>As with the real one, a type without a size throws where it is used.</summary>
    public ImageTypeAttribute()
    {
    }

    public ImageTypeAttribute(int height, int width) => (_height, _width) = (height, width);

    public override bool Equals(DataViewTypeAttribute other) => other is ImageTypeAttribute image && (image._height, image._width) == (_height, _width);

    public override int GetHashCode() => HashCode.Combine(_height, _width);

    public override void Register() => DataViewTypeManager.Register(new ImageDataViewType(_height, _width), typeof(MLImage), this);
}
