using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>F1 over the score threshold, and the best threshold of every output and class.</summary>
internal static class F1Section
{
    /// <summary>Every fifth threshold is drawn: more are not visible.</summary>
    private const int Drawn = 5;

    public static IEnumerable<XElement> F1(ReportData data)
    {
        var outputs = data.Evaluations.Select((evaluation, i) => (evaluation.Name, F1: evaluation.F1!, Style: CurveSections.Style(i)))
            .Where(output => output.F1 is not null).ToArray();
        if (outputs.Length == 0)
            yield break;
        yield return Tag("p", Class("dim"), "Which score threshold finds most objects with the fewest wrong detections? " +
            "At IoU 0.50, all classes counted together (micro-average). " +
            "Set the score threshold of an application to the best one, or lower where a missed object is worse than a wrong detection.");
        yield return Tag("div", Class("tiles"), outputs.Select(output => Tile(output.Name, output.F1.Total)));
        if (outputs.Any(output => output.F1.Total.Best is not null))
            yield return Chart(outputs);
        yield return Table(data, outputs);
        if (outputs[0].F1.ByLabel.Any(curve => curve.Best is null))
            yield return Tag("p", Class("dim"), "–: without objects F1 is not defined; without a correct detection no threshold is the best.");
    }

    private static XElement Tile(string name, F1Curve curve) => Tag("div", Class("tile"), Tag("span", $"Best threshold, {name}"),
        Tag("b", curve.Best is { } best ? Threshold(best) : "–"),
        Tag("small", curve.Best is { } at ? $"F1 {Percent(at.F1)}, precision {Percent(at.Precision)}, recall {Percent(at.Recall)}"
            : curve.Objects == 0 ? "there are no objects" : "no object is found at any threshold"));

    private static XElement Chart((string Name, F1Analysis F1, string Style)[] outputs)
    {
        var chart = new LineChart((0, 1), (0, 100)) { LabelX = "score threshold", Height = 240, Wide = true };
        foreach (var (name, f1, style) in outputs)
            if (f1.Total.Best is { } best)
            {
                chart.Line(f1.Total.Values.Select((value, i) => (ScoreThresholds.At(i), 100 * value)).Where((_, i) => i % Drawn == 0), style);
                chart.Dot((best.Threshold, 100 * best.F1), style, $"{name}: best F1 {Percent(best.F1)} at {Threshold(best)}");
            }
        var description = string.Join("; ", outputs.Select(output => output.F1.Total.Best is { } best
            ? $"{output.Name}: highest {Percent(best.F1)} percent at {Threshold(best)}" : $"{output.Name}: 0"));
        return Tag("figure", Tag("figcaption", "F1 in percent; the dot is the best threshold"),
            outputs.Length > 1 ? Legend(outputs.Select(output => (output.Name, output.Style))) : null, chart.ToElement($"F1 by score threshold. {description}"));
    }

    private static XElement Table(ReportData data, (string Name, F1Analysis F1, string Style)[] outputs) => Scroll("F1 by class", Tag("table",
        Tag("caption", "Best threshold and F1 in percent by class"),
        Tag("thead",
            Tag("tr", Tag("td"), Tag("td"), outputs.Select(output => ColumnHead(output.Name, "group", 4))),
            Tag("tr", ColumnHead("Class"), ColumnHead("Objects", "n"),
                outputs.SelectMany(_ => (string[])["Threshold", "F1", "Precision", "Recall"]).Select(name => ColumnHead(name, "n")))),
        Tag("tbody", Row("all classes", [.. outputs.Select(output => output.F1.Total)]),
            data.Categories.Select((category, label) => Row(category.Name, [.. outputs.Select(output => output.F1.ByLabel[label])])))));

    private static XElement Row(string name, F1Curve[] curves) => Tag("tr", RowHead(name), Cell(Count(curves[0].Objects)),
        curves.SelectMany(curve => curve.Best is { } best
        ? new[] { Threshold(best), Percent(best.F1), Percent(best.Precision), Percent(best.Recall) } : ["–", "–", "–", "–"]).Select(Cell));

    private static string Threshold(F1Point point) => Number(point.Threshold, "0.000");
}
