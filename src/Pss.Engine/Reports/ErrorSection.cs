using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Errors by kind: bars over all classes, and a table by class.</summary>
internal static class ErrorSection
{
    private static readonly (string Name, Func<ErrorCounts, int> Count)[] Kinds =
    [
        ("Correct", counts => counts.Correct), ("Missed", counts => counts.Missed), ("Duplicate", counts => counts.Duplicate),
        ("Wrong class", counts => counts.WrongClass), ("Poor box", counts => counts.PoorBox), ("Background", counts => counts.Background),
    ];

    public static IEnumerable<XElement> Errors(ReportData data)
    {
        var analyzed = data.Evaluations.Select((evaluation, i) => (evaluation.Name, Errors: evaluation.Errors!, Style: CurveSections.Style(i)))
            .Where(e => e.Errors is not null).ToArray();
        if (analyzed.Length == 0)
            yield break;
        var options = analyzed[0].Errors.Options;
        yield return Tag("p", Class("dim"), $"Of {Count(analyzed[0].Errors.Total.Objects, "object")}. " +
            $"Detections with a score of at least {Number(options.ScoreThreshold)}; an object is found from IoU {Number(options.IouThreshold)} on, " +
            $"a box is poor from IoU {Number(options.PoorBoxIou)} on.");
        if (analyzed.Length > 1)
            yield return Legend(analyzed.Select(e => (e.Name, e.Style)));
        var most = Math.Max(1, analyzed.Max(e => Kinds.Max(kind => kind.Count(e.Errors.Total))));
        yield return Tag("div", Class("bars"), Kinds.SelectMany(kind => analyzed.Select((e, i) =>
            Bar(i == 0 ? kind.Name : "", kind.Count(e.Errors.Total), most, e.Style))));
        yield return Tag("div", Class($"grid{Math.Min(analyzed.Length, 2)}"),
            analyzed.Select(e => Scroll($"Errors of {e.Name} by class", Table(data, e.Name, e.Errors))));
    }

    private static XElement Bar(string name, int count, int most, string style) => Tag("div", Class(name.Length > 0 ? "row first" : "row"), Tag("span", name),
        Tag("div", count == 0 ? null : Tag("i", Class($"fill {style}"), Attribute("style", $"width:{Number(100.0 * count / most)}%"))),
        Tag("b", Count(count)));

    private static XElement Table(ReportData data, string name, ErrorAnalysis errors) => Tag("table", Tag("caption", name),
        Tag("thead", Tag("tr", ColumnHead("Class"), ColumnHead("Objects", "n"), Kinds.Select(kind => ColumnHead(kind.Name, "n")))),
        Tag("tbody", Row("all classes", errors.Total), data.Categories.Zip(errors.ByLabel, (category, counts) => Row(category.Name, counts))));

    private static XElement Row(string name, ErrorCounts counts) => Tag("tr", RowHead(name), Cell(Count(counts.Objects)),
        Kinds.Select(kind => Cell(Count(kind.Count(counts)))));
}
