using System.Text.Json;
using Pss.Engine.Data;

namespace Pss.MLNet.Rows;

/// <summary>Masks as text: the JSON object of size and compressed run lengths that COCO writes.</summary>
internal static class MaskText
{
    private sealed record Runs(int[] Size, string Counts);

    /// <summary>The text of a mask in pixels of an image; empty for null.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="height">Rows of the image; only polygons need them.</param>
    /// <param name="width">Columns of the image; only polygons need them.</param>
    public static string Write(Segmentation? mask, int height = 0, int width = 0)
    {
        if (mask is null)
            return "";
        var size = mask.Size ?? (height, width);
        return JsonSerializer.Serialize(new Runs([size.Item1, size.Item2], mask.ToCompressed(size.Item1, size.Item2)), JsonSerializerOptions.Web);
    }

    /// <summary>The mask of a text; null for an empty one.</summary>
    /// <exception cref="FormatException">The text is damaged.</exception>
    public static Segmentation? Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Runs>(text, JsonSerializerOptions.Web) is { Size: [> 0 and var height, > 0 and var width], Counts: { } counts }
                ? Segmentation.FromCompressed(height, width, counts) : throw new FormatException("it has no size of two numbers above 0, or no counts");
        }
        catch (JsonException error)
        {
            throw new FormatException(error.Message, error);
        }
    }
}
