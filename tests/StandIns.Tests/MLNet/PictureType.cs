using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

internal sealed class PictureType() : StructuredDataViewType(typeof(Picture))
{
    public static void Register() => DataViewTypeManager.Register(new PictureType(), typeof(Picture));

    public override bool Equals(DataViewType? other) => other is PictureType;

    public override bool Equals(object? obj) => obj is PictureType;

    public override int GetHashCode() => typeof(PictureType).GetHashCode();

    public override string ToString() => "Picture";
}
