using System.Xml.Linq;
using Pss.Engine.Data.Images;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Embeds each picture once, within a size budget, so that several drawings can use it.</summary>
internal sealed class PictureStore(int pictures)
{
    private const int Budget = 3_000_000;
    private const int Largest = 120_000;
    private const int LongestSide = 800;
    private const int Quality = 80;

    private readonly int _limit = Math.Min(Largest, Budget / Math.Max(1, pictures));
    private readonly Dictionary<ReportPicture, string> _ids = new(ReferenceEqualityComparer.Instance);
    private readonly List<XElement> _images = [];

    /// <summary>The element with all pictures, for one place in the document.</summary>
    public XElement Definitions => Tag("svg", Class("store"), Attribute("aria-hidden", "true"), Tag("defs", _images));

    /// <summary>An element that draws the picture at its original size.</summary>
    public XElement Use(ReportPicture picture)
    {
        if (!_ids.TryGetValue(picture, out var id))
        {
            id = _ids[picture] = $"picture{_ids.Count}";
            _images.Add(Tag("image", Attribute("id", id), Attribute("width", picture.Width), Attribute("height", picture.Height),
                Attribute("preserveAspectRatio", "none"), Attribute("href", DataUri(picture))));
        }
        return Tag("use", Attribute("href", $"#{id}"));
    }

    private string DataUri(ReportPicture picture)
    {
        var header = ImageHeader.Read(new MemoryStream(picture.Encoded, writable: false), picture.Name);
        // Not every browser applies the EXIF orientation inside SVG.
        if (picture.Encoded.Length <= _limit && header is { Format: ImageFormat.Jpeg or ImageFormat.Png, Orientation: 1 })
            return Uri(header.Format == ImageFormat.Jpeg ? "jpeg" : "png", picture.Encoded);
        var image = RgbImage.Decode(picture.Encoded, picture.Name, new() { MaxPixels = RgbImage.MaxPixels, Sizes = [Resize.Letterbox(LongestSide, LongestSide)] });
        double side = Math.Min(LongestSide, Math.Max(image.Width, image.Height));
        var encoded = ImageEncoder.Jpeg(Shrink(image, (int)side), Quality);
        while (encoded.Length > _limit && side > 16)
        {
            side *= .95 * Math.Sqrt(_limit / (double)encoded.Length);
            encoded = ImageEncoder.Jpeg(Shrink(image, (int)side), Quality);
        }
        return Uri("jpeg", encoded);
    }

    public static string Uri(string format, byte[] encoded) => $"data:image/{format};base64,{Convert.ToBase64String(encoded)}";

    /// <summary>Reduces an image by averaging pixels, so that the longer side is at most <paramref name="side"/>.</summary>
    private static RgbImage Shrink(RgbImage image, int side)
    {
        var longer = Math.Max(image.Width, image.Height);
        if (longer <= side)
            return image;
        var small = new RgbImage(Math.Max(1, image.Width * side / longer), Math.Max(1, image.Height * side / longer));
        for (var y = 0; y < small.Height; y++)
            for (var x = 0; x < small.Width; x++)
                for (var c = 0; c < 3; c++)
                    small.Pixels[3 * (y * small.Width + x) + c] = Average(image, c,
                        x * image.Width / small.Width, (x + 1) * image.Width / small.Width,
                        y * image.Height / small.Height, (y + 1) * image.Height / small.Height);
        return small;
    }

    private static byte Average(RgbImage image, int channel, int left, int right, int top, int bottom)
    {
        var sum = 0;
        for (var y = top; y < bottom; y++)
            for (var x = left; x < right; x++)
                sum += image.Pixels[3 * (y * image.Width + x) + channel];
        return (byte)(sum / ((right - left) * (bottom - top)));
    }
}
