using System.Xml.Linq;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Boxes drawn over a picture; labels are above all edges and inside the picture.</summary>
internal sealed class BoxDrawing(ReportPicture picture, int columns)
{
    private readonly List<XElement> _edges = [];
    private readonly List<XElement> _labels = [];
    private readonly List<BoundingBox> _taken = [];

    /// <summary>Font size: about eleven pixels on a laptop screen.</summary>
    private readonly double _font = picture.Width * 11.0 / (columns == 1 ? 1080 : columns == 2 ? 532 : 350);

    public IEnumerable<XElement> Marks => _edges.Concat(_labels);

    /// <summary>Adds a box. A duplicate's label goes below it, since the label of the box that it duplicates is above.</summary>
    public void Add(BoundingBox box, string style, string label, string title, bool dashed = false, bool below = false)
    {
        _edges.Add(Tag("g", Class($"box {style}"), Tag("title", title), Tag("rect", Class(dashed ? "edge dashed" : "edge"),
            Attribute("x", box.X), Attribute("y", box.Y), Attribute("width", box.Width), Attribute("height", box.Height))));
        if (label.Length == 0)
            return;
        var length = .62 * label.Length * _font;
        var place = Place(box, length + .5 * _font, 1.25 * _font, below);
        // The text length is fixed, because fonts differ and a label must stay inside its tag and the picture.
        _labels.Add(Tag("g", Class($"label {style}"),
            Tag("rect", Class("tag"), Attribute("x", place.X), Attribute("y", place.Y), Attribute("width", place.Width), Attribute("height", place.Height)),
            Tag("text", Attribute("x", place.X + .25 * _font), Attribute("y", place.Y + .93 * _font), Attribute("font-size", _font),
                Attribute("textLength", length), Attribute("lengthAdjust", "spacingAndGlyphs"), label)));
    }

    /// <summary>The place around the box that overlaps other labels least.</summary>
    private BoundingBox Place(BoundingBox box, double width, double height, bool below)
    {
        double[] tops = below ? [box.Y2, box.Y2 - height, box.Y - height, box.Y] : [box.Y - height, box.Y, box.Y2, box.Y2 - height];
        var places = tops.SelectMany(top => new[] { box.X, box.X2 - width }.Select(left => new BoundingBox(
            Math.Max(0, Math.Min(left, picture.Width - width)), Math.Max(0, Math.Min(top, picture.Height - height)), width, height)));
        _taken.Add(places.MinBy(place => _taken.Sum(other => BoxOverlap.IoU(place, other))));
        return _taken[^1];
    }
}
