using Microsoft.ML;
using Microsoft.ML.Data;

namespace StandIns.Tests.MLNet;

/// <summary>Makes an image column out of a text column, with a type object of its own: as LoadImages does.</summary>
internal sealed class Painter : HandMadeMapper
{
    public Painter()
        : base("Picture", new PictureType(), ["Text"])
    {
    }

    protected override Delegate MakeGetter(DataViewRow input)
    {
        var text = input.GetGetter<ReadOnlyMemory<char>>(input.Schema["Text"]);
        return (ValueGetter<Picture?>)((ref Picture? picture) =>
        {
            picture?.Dispose();
            var name = default(ReadOnlyMemory<char>);
            text(ref name);
            picture = name.IsEmpty ? null : new Picture(name.ToString());
        });
    }
}
