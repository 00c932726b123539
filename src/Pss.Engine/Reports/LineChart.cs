using System.Xml.Linq;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>A line chart as SVG: thin grid, few labels, one style class per series.</summary>
internal sealed class LineChart(double width, double height, (double Low, double High) x, (double Low, double High) y)
{
    private const double Left = 46;
    private const double Right = 10;
    private const double Top = 8;
    private const double Bottom = 38;

    private readonly List<XElement> _marks = [];

    public string LabelX { get; init; } = "";

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

    public void Dot((double X, double Y) point, string style, string title)
    {
        if (!Drawable(point))
            return;
        var at = Place(point);
        _marks.Add(Tag("circle", Class($"dot {style}"), Attribute("cx", at.X), Attribute("cy", at.Y), Attribute("r", 3.5), Tag("title", title)));
    }

    public XElement ToSvg(string description) => Tag("svg", Class("chart"), Attribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
        Attribute("role", "img"), Attribute("aria-label", description), Grid(), _marks);

    private IEnumerable<XElement> Grid()
    {
        foreach (var tick in Ticks(y, 4))
        {
            var at = Place((x.Low, tick));
            yield return Tag("line", Class("grid"), Attribute("x1", Left), Attribute("x2", width - Right), Attribute("y1", at.Y), Attribute("y2", at.Y));
            yield return Text(Left - 6, at.Y + 3.5, "end", Short(tick));
        }
        foreach (var tick in Ticks(x, width / 90))
            yield return Text(Place((tick, y.Low)).X, height - Bottom + 15, "middle", Short(tick));
        var bottom = Place((x.Low, y.Low)).Y;
        yield return Tag("line", Class("axis"), Attribute("x1", Left), Attribute("x2", width - Right), Attribute("y1", bottom), Attribute("y2", bottom));
        yield return Text((Left + width - Right) / 2, height - 5, "middle", LabelX);
    }

    private static XElement Text(double x, double y, string anchor, string text) =>
        Tag("text", Attribute("x", x), Attribute("y", y), Attribute("text-anchor", anchor), text);

    private static bool Drawable((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private (double X, double Y) Place((double X, double Y) point) => (
        Left + (point.X - x.Low) / Math.Max(x.High - x.Low, 1e-300) * (width - Left - Right),
        height - Bottom - (point.Y - y.Low) / Math.Max(y.High - y.Low, 1e-300) * (height - Top - Bottom));

    private static IEnumerable<double> Ticks((double Low, double High) range, double about)
    {
        if (!(range.High > range.Low))
            yield break;
        var step = Step(range.Low, range.High, about);
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
