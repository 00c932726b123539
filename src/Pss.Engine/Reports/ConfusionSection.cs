using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The confusion matrix of each output, and the classes that are confused most.</summary>
internal static class ConfusionSection
{
    /// <summary>A matrix of more classes is not drawn.</summary>
    private const int MaxClasses = 100;

    /// <summary>Matrices of at most so many classes stand side by side.</summary>
    private const int SmallMatrix = 8;

    private const int MaxPairs = 10;

    public static IEnumerable<XElement> Confusion(ReportData data)
    {
        if (data.Evaluations.All(evaluation => evaluation.F1 is null))
            yield break;
        yield return Tag("p", Class("dim"), "Rows: the true class, and detections on the background (duplicates and poor boxes too). " +
            "Columns: the predicted class, and missed objects. At IoU 0.50 and the output's best score threshold. " +
            "Shades are fractions of the row; an empty cell is a zero.");
        yield return Tag("div", Class(data.Categories.Count <= SmallMatrix ? "grid2" : "grid1"),
            data.Evaluations.Where(evaluation => evaluation.F1 is not null).Select(evaluation => Tag("div", Tag("h3", evaluation.Name), Output(data, evaluation))));
    }

    private static XElement[] Output(ReportData data, ReportEvaluation evaluation) => evaluation.Confusion is not { } matrix
        ? [Nothing("no object is found at any score threshold, so that there is no best one.")]
        :
        [
            Tag("p", Sentence(matrix)),
            matrix.Classes <= MaxClasses ? Scroll($"Confusion matrix of {evaluation.Name}", Table(data, matrix))
                : Nothing($"a matrix of {Count(matrix.Classes)} classes is too large to read."),
            Pairs(data, matrix),
        ];

    private static string Sentence(ConfusionMatrix matrix)
    {
        var classes = Enumerable.Range(0, matrix.Classes).ToArray();
        var (objects, right, missed) = (classes.Sum(matrix.RowSum), classes.Sum(k => matrix[k, k]), classes.Sum(k => matrix[k, matrix.Classes]));
        return $"Score threshold {Number(matrix.ScoreThreshold, "0.000")}: of {Count(objects, "object")}, {Count(right)} found, " +
            $"{Count(objects - right - missed)} taken for another class, {Count(missed)} missed; {Count(matrix.RowSum(matrix.Classes), "detection")} on the background.";
    }

    private static XElement Table(ReportData data, ConfusionMatrix matrix)
    {
        var names = data.Categories.Select(category => category.Name).ToArray();
        var all = Enumerable.Range(0, matrix.Classes + 1).ToArray();
        return Tag("table", Class("matrix"), Tag("caption", "True class by predicted class"),
            Tag("thead", Tag("tr", ColumnHead("true \\ predicted"), names.Append("missed").Select(name => Tag("th", Attribute("scope", "col"), Tag("span", name))))),
            Tag("tbody", all.Select(row => Tag("tr", RowHead(row < names.Length ? names[row] : "background"), all.Select(column => Cell(matrix, names, row, column))))));
    }

    private static XElement Cell(ConfusionMatrix matrix, string[] names, int row, int column)
    {
        var count = matrix[row, column];
        if (count == 0)
            return Tag("td");
        var fraction = (double)count / matrix.RowSum(row);
        var (truth, found) = (row < names.Length ? names[row] : "background", column < names.Length ? names[column] : "missed");
        return Tag("td", Class(row == column ? "hit" : "miss"), Attribute("style", $"--v:{Number(8 + 47 * fraction)}%"),
            Attribute("title", $"{truth}, {found}: {Count(count)}, {Percent(fraction)} % of the row"), Count(count));
    }

    private static XElement Pairs(ReportData data, ConfusionMatrix matrix)
    {
        var classes = Enumerable.Range(0, matrix.Classes);
        var pairs = classes.SelectMany(row => classes.Select(column => (row, column, Count: matrix[row, column])))
            .Where(pair => pair.row != pair.column && pair.Count > 0)
            .OrderByDescending(pair => pair.Count).ToArray();
        if (pairs.Length == 0)
            return Nothing("no object is taken for one of another class.");
        return Tag("p", Class("dim after"), "Confused most: ", string.Join("; ", pairs.Take(MaxPairs).Select(pair =>
            $"{data.Categories[pair.row].Name} as {data.Categories[pair.column].Name} {Count(pair.Count)} of {Count(matrix.RowSum(pair.row))}")),
            pairs.Length > MaxPairs ? $"; and {Count(pairs.Length - MaxPairs, "other pair")}." : ".");
    }
}
