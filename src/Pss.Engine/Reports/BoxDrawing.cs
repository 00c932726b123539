using System.Xml.Linq;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Boxes drawn over a picture; labels are above all edges and inside the picture.</summary>
internal sealed class BoxDrawing(ReportPicture picture)
{
    private readonly List<XElement> _masks = [];
    private readonly List<XElement> _edges = [];
    private readonly List<XElement> _labels = [];
    private readonly List<BoundingBox> _taken = [];

    /// <summary>Font size: twelve pixels on a phone, where a picture is 320 pixels wide; an enlarged picture shrinks its labels.</summary>
    private readonly double _font = picture.Width * 12.0 / 320;

    public IEnumerable<XElement> Marks => _masks.Concat(_edges).Concat(_labels);

    /// <summary>Adds a box that the page shows on demand: of the ground truth over detections.</summary>
    public void AddReference(BoundingBox box) => _edges.Add(Tag("g", Class("reference"), Edge(box, "edge")));

    /// <summary>Adds the area of a mask, below all edges; nothing for null.</summary>
    public void AddMask(Segmentation? mask, string style)
    {
        if (mask is not null)
            _masks.Add(Tag("path", Class($"mask {style}"), Attribute("d", MaskPath.Of(mask, picture.Height, picture.Width))));
    }

    /// <summary>Adds a box. A duplicate's label goes below it, since the label of the box that it duplicates is above.</summary>
    public void Add(BoundingBox box, string style, string label, string title, bool dashed = false, bool below = false)
    {
        _edges.Add(Tag("g", Class($"box {style}"), Tag("title", title), Edge(box, dashed ? "edge dashed" : "edge")));
        if (label.Length == 0)
            return;
        var length = .62 * label.Length * _font;
        var (place, corner) = Place(box, length + .5 * _font, 1.25 * _font, below);
        // The text length is fixed, because fonts differ and a label must stay inside its tag and the picture.
        _labels.Add(Tag("g", Class($"label {style}"), Attribute("style", $"transform-origin:{Number(corner.X)}px {Number(corner.Y)}px"),
            Tag("rect", Class("tag"), Attribute("x", place.X), Attribute("y", place.Y), Attribute("width", place.Width), Attribute("height", place.Height)),
            Tag("text", Attribute("x", place.X + .25 * _font), Attribute("y", place.Y + .93 * _font), Attribute("font-size", _font),
                Attribute("textLength", length), Attribute("lengthAdjust", "spacingAndGlyphs"), label)));
    }

    private static XElement Edge(BoundingBox box, string style) => Tag("rect", Class(style),
        Attribute("x", box.X), Attribute("y", box.Y), Attribute("width", box.Width), Attribute("height", box.Height));

    /// <summary>The place around the box that overlaps other labels least, and its corner at the box, to which a label shrinks.</summary>
    private (BoundingBox Place, (double X, double Y) Corner) Place(BoundingBox box, double width, double height, bool below)
    {
        (double Top, bool AtBottom)[] tops = [(box.Y - height, true), (box.Y, false), (box.Y2, false), (box.Y2 - height, true)];
        if (below)
            tops = [tops[2], tops[3], tops[0], tops[1]];
        (double Left, bool AtRight)[] sides = [(box.X, false), (box.X2 - width, true)];
        var (place, corner) = tops.SelectMany(top => sides.Select(side =>
        {
            var (x, y) = (Math.Max(0, Math.Min(side.Left, picture.Width - width)), Math.Max(0, Math.Min(top.Top, picture.Height - height)));
            return (Place: new BoundingBox(x, y, width, height), Corner: (side.AtRight ? x + width : x, top.AtBottom ? y + height : y));
        })).MinBy(candidate => _taken.Sum(other => BoxOverlap.IoU(candidate.Place, other)));
        _taken.Add(place);
        return (place, corner);
    }
}
