using System.Collections;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Pss.Engine.Reports;

/// <summary>Helpers that build elements; the tree keeps the markup well-formed and escapes text.</summary>
internal static class Markup
{
    private static readonly HashSet<string> Void = ["meta", "img", "input", "path", "line", "circle", "rect", "use", "image"];

    public static XElement Tag(string name, params object?[] content)
    {
        var tag = new XElement(name, content.Select(Clean));
        if (tag.IsEmpty && !Void.Contains(name))
            tag.Value = "";     // HTML has no self-closing div: the end tag must be written
        return tag;
    }

    public static XAttribute Attribute(string name, object value) => new(name, Clean(value)!);

    public static XAttribute Class(string value) => new("class", value);

    public static string Number(double value, string format = "0.##") => value.ToString(format, CultureInfo.InvariantCulture);

    public static string Count(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: "1 object", "2 objects".</summary>
    public static string Count(int value, string noun, string? plural = null) => $"{Count(value)} {(value == 1 ? noun : plural ?? $"{noun}s")}";

    /// <summary>A fraction in percent with one decimal, as detection papers print AP; a dash for the evaluator's -1.</summary>
    public static string Percent(double fraction) => fraction < 0 ? "–" : Number(100 * fraction, "F1");

    /// <summary>Up to four significant digits.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-3 => Number(value, "0.###e0"),
        >= 1e6 => Number(value / 1e6, "0.##M"),
        >= 1e4 => Number(value / 1e3, "0.#k"),
        _ => Number(value, "0.####"),
    };

    /// <summary>The SVG path through points.</summary>
    public static string Path(IEnumerable<(double X, double Y)> points) =>
        string.Concat(points.Select((point, i) => $"{(i == 0 ? 'M' : 'L')}{Number(point.X, "0.#")} {Number(point.Y, "0.#")}"));

    public static XElement Legend(IEnumerable<(string Name, string Class)> entries) => Tag("div", Class("legend"),
        entries.Select(entry => Tag("span", Tag("i", Class($"chip {entry.Class}")), entry.Name)));

    /// <summary>What stands where nothing can be drawn: a dash and the reason.</summary>
    public static XElement Nothing(string reason) => Tag("p", Class("nothing"), $"– {reason}");

    /// <summary>The explanation of the dashes of a table, if it has one.</summary>
    public static XElement? DashNote(IEnumerable<double> values, string reason) =>
        values.Any(value => value < 0) ? Tag("p", Class("dim"), $"–: {reason}") : null;

    /// <summary>A table in a box of its own that scrolls where the table is larger. Keyboards reach it by its tab stop.</summary>
    public static XElement Scroll(string label, params object?[] content) => Tag("div", Class("scroll"), Attribute("tabindex", 0),
        Attribute("role", "region"), Attribute("aria-label", label), content);

    public static XElement ColumnHead(string name, string? style = null, int span = 1) => Tag("th", Attribute("scope", span > 1 ? "colgroup" : "col"),
        style is null ? null : Class(style), span > 1 ? Attribute("colspan", span) : null, name);

    public static XElement RowHead(params object?[] content) => Tag("th", Attribute("scope", "row"), content);

    public static XElement Cell(string text) => Tag("td", Class("n"), text);

    private static object? Clean(object? content) => content switch
    {
        string text when !text.All(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c)) => new string([.. text.Where(XmlConvert.IsXmlChar)]),
        double value => Number(value),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable or XObject or null => content,
        _ => content.ToString(),
    };
}
