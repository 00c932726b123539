using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The metrics: tiles, the twelve COCO metrics, the classes, the options.</summary>
internal static class EvaluationSections
{
    private static readonly (string Name, string Meaning)[] Numbers =
    [
        ("AP", "mean over IoU 0.50 to 0.95"), ("AP50", "at IoU 0.50"), ("AP75", "at IoU 0.75"), ("APs", "small objects"), ("APm", "medium objects"),
        ("APl", "large objects"), ("AR1", "recall, 1 detection per image and class"), ("AR10", "recall, 10"), ("AR100", "recall, 100"),
        ("ARs", "recall, small objects"), ("ARm", "recall, medium objects"), ("ARl", "recall, large objects"),
    ];

    public static IEnumerable<XElement> Summary(ReportData data)
    {
        if (data.Evaluations.Count == 0)
            yield break;
        var numbers = data.Evaluations.Select(evaluation => evaluation.Coco.Summary.ToArray()).ToArray();
        yield return Tag("div", Class("tiles"), new[] { 0, 1, 2, 8 }.Select(i => Tag("div", Class("tile"), Tag("span", Numbers[i].Name),
            Tag("b", Percent(numbers[0][i])), Tag("small", data.Evaluations[0].Name),
            data.Evaluations.Skip(1).Select((other, k) => Tag("small", Class("other"), $"{Percent(numbers[k + 1][i])} {other.Name}")))));
        yield return Tag("div", Class("split"),
            Tag("div",
                Scroll("COCO metrics", Tag("table", Tag("caption", "COCO metrics in percent"),
                    Tag("thead", Tag("tr", ColumnHead("Metric"), data.Evaluations.Select(evaluation => ColumnHead(evaluation.Name, "n wrap")))),
                    Tag("tbody", Numbers.Select((number, i) => Tag("tr", RowHead(Class("wrap"), number.Name, Tag("small", number.Meaning)),
                        numbers.Select(column => Cell(Percent(column[i])))))))),
                DashNote(numbers.SelectMany(column => column), "no annotated object counts for this number.")),
            Tag("figure", Tag("figcaption", "AP in percent by IoU threshold"), CurveSections.ApByIou(data)));
    }

    public static IEnumerable<XElement> Classes(ReportData data)
    {
        if (data.Evaluations.Count == 0)
            yield break;
        var first = data.Evaluations[0].Coco.Categories;
        var others = data.Evaluations.Select(evaluation => evaluation.Coco.Categories.ToDictionary(category => category.Category.Id)).ToArray();
        string[] columns = ["AP", "AP50", "AP75", "AR100"];
        yield return Scroll("Metrics by class", Tag("table", Tag("caption", "Metrics in percent by class"),
            Tag("thead",
                Tag("tr", Tag("td"), Tag("td"), data.Evaluations.Select(evaluation => ColumnHead(evaluation.Name, "group", columns.Length))),
                Tag("tr", ColumnHead("Class"), ColumnHead("Objects", "n"),
                    data.Evaluations.SelectMany(_ => columns).Select(column => ColumnHead(column, "n")))),
            Tag("tbody", first.Select(category => Tag("tr", RowHead(category.Category.Name), Cell(Count(category.Objects[0])),
                others.Select((byId, k) => Cells(byId.GetValueOrDefault(category.Category.Id)?.Summary, k)))))));
        if (DashNote(first.Select(category => category.Summary.AP), "the evaluated images have no object of this class.") is { } note)
            yield return note;
    }

    public static IEnumerable<XElement> Settings(ReportData data)
    {
        if (data.Settings.Count > 0)
            yield return Tag("dl", Class("settings"), data.Settings.Select(setting => Tag("div", Tag("dt", setting.Name), Tag("dd", setting.Value))));
    }

    private static XElement[] Cells(CocoSummary? summary, int evaluation)
    {
        double[] values = summary is null ? [-1, -1, -1, -1] : [summary.AP, summary.AP50, summary.AP75, summary.AR100];
        return [.. values.Select((value, i) => Tag("td", Class(i == 0 ? $"n bar b{evaluation % CurveSections.Styles}" : "n"),
            i == 0 && value > 0 ? Attribute("style", $"--v:{Number(100 * value)}%") : null, Percent(value)))];
    }
}
