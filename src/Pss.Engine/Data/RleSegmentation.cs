using System.Text;
using System.Text.Json.Serialization;

namespace Pss.Engine.Data;

/// <summary>A run-length mask: run lengths in column-major order, zeros first (the COCO format).</summary>
/// <param name="Height">Rows of the mask, the image's height.</param>
/// <param name="Width">Columns of the mask, the image's width.</param>
/// <param name="Counts">Run lengths, alternating between zeros and ones; they sum to height times width.</param>
internal sealed record RleSegmentation(int Height, int Width, int[] Counts) : Segmentation
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override (int Height, int Width)? Size => (Height, Width);

    /// <summary>Decodes COCO's compressed string: each count from the fourth on is stored as the difference to the count two before, in signed
    /// five-bit groups, lowest first, with 0x20 as the continuation bit, plus 48.</summary>
    /// <exception cref="FormatException">The string is cut short, has a character outside 48 to 111, or a run that is negative or longer
    /// than the mask.</exception>
    public static new RleSegmentation FromCompressed(int height, int width, string counts)
    {
        var runs = new List<int>(counts.Length / 2 + 1);
        var limit = (long)height * width;
        for (var at = 0; at < counts.Length;)
        {
            long value = 0;
            for (var shift = 0; ; shift += 5)
            {
                if (at == counts.Length || shift > 30)
                    throw new FormatException($"the compressed counts are cut short or too long at character {at}");
                var group = counts[at++] - 48;
                if (group is < 0 or > 63)
                    throw new FormatException($"the compressed counts hold the character '{counts[at - 1]}' at {at - 1}");
                value |= (long)(group & 0x1f) << shift;
                if ((group & 0x20) != 0)
                    continue;
                if ((group & 0x10) != 0)
                    value |= -1L << (shift + 5);
                break;
            }
            if (runs.Count > 2)
                value += runs[^2];
            if (value < 0 || value > limit)
                throw new FormatException($"run {runs.Count} of the compressed counts is {value}, outside 0 to {limit}");
            runs.Add((int)value);
        }
        return new RleSegmentation(height, width, [.. runs]);
    }

    /// <summary>The mask as pixels in rows: pixel (x, y) at y * width + x.</summary>
    /// <exception cref="ArgumentException">A run is negative, or the runs do not sum to height times width.</exception>
    public bool[] ToBitmap() => RunLengthMask.ToBitmap(this);

    /// <summary>Encodes COCO's compressed string.</summary>
    public string ToCompressed()
    {
        var text = new StringBuilder(Counts.Length * 2);
        for (var i = 0; i < Counts.Length; i++)
        {
            long value = i > 2 ? (long)Counts[i] - Counts[i - 2] : Counts[i];
            bool more;
            do
            {
                var group = (int)(value & 0x1f);
                value >>= 5;
                more = (group & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)((more ? group | 0x20 : group) + 48));
            }
            while (more);
        }
        return text.ToString();
    }

    /// <summary>Equal when size and runs are equal.</summary>
    public bool Equals(RleSegmentation? other) => other is not null && Height == other.Height && Width == other.Width
        && Counts.AsSpan().SequenceEqual(other.Counts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Counts.Length);
}
