using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Pss.MLNet.Saving;

/// <summary>Binds a property to an image column of any size; ML.NET's ImageTypeAttribute requires a size.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AnyImageAttribute : DataViewTypeAttribute
{
    public override void Register()
    {
        DataViewTypeManager.Register(new AnyImageType(), typeof(MLImage), this);
        try
        {
            DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));
        }
        catch (ArgumentException)
        {
            // The program has already registered a type for images, which stays.
        }
    }

    public override bool Equals(DataViewTypeAttribute? other) => other is AnyImageAttribute;

    public override bool Equals(object? obj) => obj is AnyImageAttribute;

    public override int GetHashCode() => typeof(AnyImageAttribute).GetHashCode();

    private sealed class AnyImageType() : StructuredDataViewType(typeof(MLImage))
    {
        public override bool Equals(DataViewType? other) => other is AnyImageType;

        public override bool Equals(object? other) => other is AnyImageType;

        public override int GetHashCode() => typeof(AnyImageType).GetHashCode();

        public override string ToString() => "Image";
    }
}
