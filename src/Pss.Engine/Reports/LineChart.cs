using System.Xml.Linq;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>A line chart: thin grid, few labels, one style class per series. The lines are SVG that stretches to any width; the labels are HTML,
/// so that they have the same size at every width.</summary>
internal sealed class LineChart((double Low, double High) x, (double Low, double High) y)
{
    /// <summary>Width and height of the SVG's own coordinates.</summary>
    private const double Size = 1000;

    private readonly List<XElement> _marks = [];

    public string LabelX { get; init; } = "";

    /// <summary>Height of the plot in pixels.</summary>
    public int Height { get; init; } = 150;

    /// <summary>Whether the horizontal axis counts something, so that ticks are integers.</summary>
    public bool IntegerX { get; init; }

    /// <summary>Whether the chart takes the whole width of the page and has more ticks on wide screens.</summary>
    public bool Wide { get; init; }

    /// <summary>The range of values, rounded outward to ticks; never empty.</summary>
    public static (double Low, double High) RangeOf(IEnumerable<double> values, double? low = null)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        var (min, max) = (low ?? finite.Min(), finite.Max());
        var step = Step(min, max > min ? max : min + 1, 4);
        return (Math.Floor(min / step) * step, Math.Max(Math.Ceiling(max / step), Math.Floor(min / step) + 1) * step);
    }

    public void Line(IEnumerable<(double X, double Y)> points, string style) =>
        _marks.Add(Tag("path", Class($"line {style}"), Attribute("d", Path(points.Where(Drawable).Select(Place)))));

    /// <summary>A dot with a tooltip: a line without length, whose round ends stay round where the SVG is stretched.</summary>
    public void Dot((double X, double Y) point, string style, string title)
    {
        if (!Drawable(point))
            return;
        var at = Place(point);
        _marks.Add(Tag("path", Class($"dot {style}"), Attribute("d", $"M{Number(at.X, "0.#")} {Number(at.Y, "0.#")}h.01"), Tag("title", title)));
    }

    public XElement ToElement(string description) => Tag("div", Class("chart"), Attribute("role", "img"), Attribute("aria-label", description),
        Tag("div", Class("plot"), Attribute("style", $"height:{Height}px"),
            Tag("svg", Attribute("viewBox", $"0 0 {Number(Size)} {Number(Size)}"), Attribute("preserveAspectRatio", "none"), Grid(), _marks),
            Ticks(y, 4).Select(tick => Label("y", "bottom", (tick - y.Low) / (y.High - y.Low), Short(tick))),
            LabelsX()),
        LabelX.Length == 0 ? null : Tag("div", Class("axis-title"), LabelX));

    private IEnumerable<XElement> LabelsX()
    {
        (string Style, int Count)[] sets = Wide ? [("x few", 5), ("x many", 12)] : [("x", 5)];
        return sets.SelectMany(set => Ticks(x, set.Count, IntegerX).Select(tick => Label(set.Style, "left", (tick - x.Low) / (x.High - x.Low), Short(tick))));
    }

    private IEnumerable<XElement> Grid() =>
        Ticks(y, 4).Select(tick => Rule("grid", Place((x.Low, tick)).Y)).Append(Rule("axis", Size));

    private static XElement Rule(string style, double at) =>
        Tag("line", Class(style), Attribute("x1", 0), Attribute("x2", Size), Attribute("y1", at), Attribute("y2", at));

    private static XElement Label(string style, string side, double fraction, string text) =>
        Tag("span", Class($"tick {style}"), Attribute("style", $"{side}:{Number(100 * fraction)}%"), text);

    private static bool Drawable((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private (double X, double Y) Place((double X, double Y) point) => (
        (point.X - x.Low) / Math.Max(x.High - x.Low, 1e-300) * Size,
        Size - (point.Y - y.Low) / Math.Max(y.High - y.Low, 1e-300) * Size);

    private static IEnumerable<double> Ticks((double Low, double High) range, double about, bool integer = false)
    {
        if (!(range.High > range.Low))
            yield break;
        var step = Math.Max(Step(range.Low, range.High, about), integer ? 1 : 0);
        for (var i = Math.Ceiling(range.Low / step - 1e-9); i * step <= range.High + 1e-9 * step; i++)
            yield return i * step + 0.0;     // never -0
    }

    /// <summary>A tick distance of 1, 2 or 5 times a power of ten, for about the given number of ticks.</summary>
    private static double Step(double low, double high, double about)
    {
        var rough = Math.Max((high - low) / about, 1e-300);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 };
    }
}
