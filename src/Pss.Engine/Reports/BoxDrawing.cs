using System.Xml.Linq;
using Pss.Engine.Data;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Boxes over a picture; all labels lie over all edges and inside the picture.</summary>
internal sealed class BoxDrawing(ReportPicture picture, int columns)
{
    private readonly List<XElement> _edges = [];
    private readonly List<XElement> _labels = [];

    /// <summary>About eleven pixels high on a laptop.</summary>
    private readonly double _font = picture.Width * 11.0 / (columns == 1 ? 1080 : columns == 2 ? 532 : 350);

    public IEnumerable<XElement> Marks => _edges.Concat(_labels);

    /// <summary>Adds a box. A label below it leaves the label above to a box that it repeats.</summary>
    public void Add(BoundingBox box, string style, string label, string title, bool dashed = false, bool below = false)
    {
        _edges.Add(Tag("g", Class($"box {style}"), Tag("title", title), Tag("rect", Class(dashed ? "edge dashed" : "edge"),
            Attribute("x", box.X), Attribute("y", box.Y), Attribute("width", box.Width), Attribute("height", box.Height))));
        if (label.Length == 0)
            return;
        var (width, height) = ((label.Length * .6 + .5) * _font, 1.25 * _font);
        var left = Math.Max(0, Math.Min(box.X, picture.Width - width));
        var top = Math.Max(0, Math.Min(below ? box.Y2 : box.Y - height, picture.Height - height));
        _labels.Add(Tag("g", Class($"label {style}"),
            Tag("rect", Class("tag"), Attribute("x", left), Attribute("y", top), Attribute("width", width), Attribute("height", height)),
            Tag("text", Attribute("x", left + .25 * _font), Attribute("y", top + .93 * _font), Attribute("font-size", _font), label)));
    }
}
