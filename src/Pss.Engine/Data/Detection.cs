using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace Pss.Engine.Data;

/// <summary>One detected object, in pixels of the original image.</summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
/// <param name="Score">Confidence, from 0 to 1.</param>
/// <param name="Label">The class: an index from 0 to C-1 into the dataset's categories.</param>
public sealed record Detection(float X1, float Y1, float X2, float Y2, float Score, int Label)
{
    /// <summary>The mask in pixels of the original image; null from a detector that predicts boxes only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Segmentation? Mask { get; init; }

    /// <summary>Prints the mask only where there is one.</summary>
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(CultureInfo.InvariantCulture, $"X1 = {X1}, Y1 = {Y1}, X2 = {X2}, Y2 = {Y2}, Score = {Score}, Label = {Label}");
        if (Mask is not null)
            builder.Append(CultureInfo.InvariantCulture, $", Mask = {Mask}");
        return true;
    }
}
