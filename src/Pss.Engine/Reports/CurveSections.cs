using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The sections with curves of the training and of precision over recall.</summary>
internal static class CurveSections
{
    /// <summary>Number of colors for series; further series reuse them.</summary>
    public const int Styles = 8;

    /// <summary>Classes whose curves are open; those of the others unfold.</summary>
    private const int OpenClasses = 12;

    private const int MaxPoints = 240;

    public static IEnumerable<XElement> Training(ReportData data)
    {
        if (data.Losses.Count == 0 && data.LearningRate is null)
            yield break;
        yield return Tag("div", Class("grid3"), data.Losses.Select(loss => Panel(loss, "s0")),
            data.LearningRate is { } rate ? Panel(rate, "s1") : null);
        yield return Tag("p", Class("dim after"), "The horizontal axis is the optimizer step." +
            (data.Losses.Any(loss => loss.X.Count > MaxPoints) ? " Faint: mean of neighboring steps. Strong: moving average." : ""));
    }

    /// <summary>Curves of AP or AR by epoch in one chart.</summary>
    /// <param name="curves">The curves, from 0 to 1.</param>
    /// <param name="metric">"AP" or "AR".</param>
    public static IEnumerable<XElement> ByEpoch(IReadOnlyList<ReportSeries> curves, string metric)
    {
        var all = curves.Where(series => series.X.Count > 0).ToArray();
        if (all.Length == 0)
            yield break;
        if (all.All(series => series.X.Count == 1))
        {
            var once = all.Select(series => $"{series.Name} {Percent(series.Y[0])} {metric} after epoch {Short(series.X[0])}");
            yield return Nothing($"evaluated once: {string.Join(", ", once)}. A curve needs two evaluations.");
            yield break;
        }
        var epochs = all.SelectMany(series => series.X).ToArray();
        var height = LineChart.RangeOf(all.SelectMany(series => series.Y).Select(value => 100 * value), 0);
        var chart = new LineChart((epochs.Min(), Math.Max(epochs.Max(), epochs.Min() + 1)), height) { LabelX = "epoch", Height = 260, IntegerX = true, Wide = true };
        foreach (var (series, i) in all.Select((series, i) => (series, i)))
        {
            var points = series.X.Zip(series.Y, (x, y) => (X: x, Y: y < 0 ? double.NaN : 100 * y)).ToArray();
            chart.Line(points, Style(i));
            foreach (var point in points)
                chart.Dot(point, Style(i), $"{series.Name}, epoch {Short(point.X)}: {metric} {Number(point.Y, "F1")}");
        }
        yield return Legend(all.Select((series, i) => ($"{series.Name}: last {Percent(series.Y[^1])}, best {Percent(series.Y.Max())}", Style(i))));
        yield return Tag("figure", Tag("figcaption", $"{metric} in percent"), chart.ToElement($"{metric} in percent by epoch"));
    }

    public static XElement ApByIou(ReportData data)
    {
        if (data.Evaluations.All(evaluation => evaluation.Coco.AveragePrecisionByIou.All(ap => ap <= 0)))
            return Nothing(data.Evaluations[0].Coco.AveragePrecisionByIou.All(ap => ap < 0)
                ? "there are no objects." : "no detection overlaps an object enough: AP is 0.");
        var chart = new LineChart((.5, .95), (0, 100)) { LabelX = "IoU threshold", Height = 240 };
        foreach (var (evaluation, i) in data.Evaluations.Select((evaluation, i) => (evaluation, i)))
        {
            var points = CocoEvaluation.IouThresholds.Zip(evaluation.Coco.AveragePrecisionByIou)
                .Select(point => (X: point.First, Y: point.Second < 0 ? double.NaN : 100 * point.Second)).ToArray();
            chart.Line(points, Style(i));
            foreach (var point in points)
                chart.Dot(point, Style(i), $"{evaluation.Name}, IoU {Number(point.X)}: AP {Number(point.Y, "F1")}");
        }
        return Tag("div", Legends(data), chart.ToElement("AP in percent by IoU threshold"));
    }

    public static IEnumerable<XElement> PrecisionRecall(ReportData data)
    {
        if (data.Evaluations.Count == 0)
            yield break;
        yield return Tag("p", Class("dim"), "Precision over recall, both in percent. Solid: IoU 0.50, dashed: IoU 0.75. The number is AP50.");
        if (Legends(data) is { } legend)
            yield return legend;
        var others = data.Evaluations.Select(evaluation => evaluation.Coco.Categories.ToDictionary(category => category.Category.Id)).ToArray();
        var shown = data.Evaluations[0].Coco.Categories.OrderByDescending(category => category.Objects[0]).ToArray();
        yield return Tag("div", Class("grid4"), shown.Take(OpenClasses).Select(category => PrecisionRecall(category, others)));
        if (shown.Length > OpenClasses)
            yield return Tag("details", Tag("summary", $"{Count(shown.Length - OpenClasses, "class", "classes")} with fewer objects"),
                Tag("div", Class("grid4"), shown.Skip(OpenClasses).Select(category => PrecisionRecall(category, others))));
    }

    public static string Style(int series) => $"s{series % Styles}";

    /// <summary>The names of the outputs by color; nothing to tell apart where there is one.</summary>
    public static XElement? Legends(ReportData data) => data.Evaluations.Count < 2 ? null
        : Legend(data.Evaluations.Select((evaluation, i) => (evaluation.Name, Style(i))));

    private static XElement PrecisionRecall(CategoryEvaluation category, Dictionary<long, CategoryEvaluation>[] outputs)
    {
        var name = category.Category.Name;
        var caption = Tag("figcaption", Tag("span", name), Tag("b", Percent(category.Summary.AP50)));
        if (category.Objects[0] == 0)
            return Tag("figure", caption, Nothing("no objects of this class."));
        var chart = new LineChart((0, 100), (0, 100)) { LabelX = "recall" };
        var drawn = false;
        for (var k = outputs.Length - 1; k >= 0; k--)
            if (outputs[k].TryGetValue(category.Category.Id, out var curves) && curves.Objects[0] > 0)
                foreach (var (precision, style) in new[] { (curves.Precision[5], $"{Style(k)} dashed"), (curves.Precision[0], Style(k)) })
                    if (Array.Exists(precision, value => value > 0))
                    {
                        chart.Line(Curve(precision), style);
                        drawn = true;
                    }
        return Tag("figure", caption, drawn ? chart.ToElement($"Precision by recall of {name}; AP50 is {Percent(category.Summary.AP50)} percent")
            : Nothing("no object is found at IoU 0.50."));
    }

    /// <summary>The curve up to the last recall that was reached.</summary>
    private static IEnumerable<(double X, double Y)> Curve(double[] precision) => CocoEvaluation.RecallThresholds
        .Zip(precision, (r, p) => (X: 100 * r, Y: 100 * p))
        .Take(Math.Min(precision.Length, 2 + Array.FindLastIndex(precision, value => value > 0)));

    private static XElement Panel(ReportSeries series, string style)
    {
        var points = Thin(series.X.Zip(series.Y).Where(point => double.IsFinite(point.First) && double.IsFinite(point.Second)).ToArray());
        if (points.Length < 2 || points.All(point => point.Y == 0))
            return Tag("figure", Tag("figcaption", Tag("span", series.Name), Tag("b", points.Length == 0 ? "–" : Short(points[^1].Y))), Nothing(points.Length switch
            {
                0 => "no finite value.",
                1 => "one value: a curve needs two.",
                _ => "0 at every step.",
            }));
        var height = LineChart.RangeOf(points.Select(point => point.Y), points.All(point => point.Y >= 0) ? 0 : null);
        var chart = new LineChart((points[0].X, points[^1].X), height) { IntegerX = true };
        var smooth = points.Length >= 40 && style == "s0";
        chart.Line(points, smooth ? $"{style} faint" : style);
        if (smooth)
            chart.Line(Smooth(points), style);
        return Tag("figure", Tag("figcaption", Tag("span", series.Name), Tag("b", Short(points[^1].Y))),
            chart.ToElement($"{series.Name} by step, at last {Short(points[^1].Y)}"));
    }

    /// <summary>Averages neighboring points, so that no curve has more points than are visible.</summary>
    private static (double X, double Y)[] Thin((double X, double Y)[] points)
    {
        var size = (points.Length + MaxPoints - 1) / MaxPoints;
        return size <= 1 ? points : [.. points.Chunk(size).Select(chunk => (chunk[^1].X, chunk.Average(point => point.Y)))];
    }

    private static IEnumerable<(double X, double Y)> Smooth((double X, double Y)[] points)
    {
        var width = points.Length / 20;
        for (var i = 0; i < points.Length; i++)
        {
            var (from, to) = (Math.Max(0, i - width), Math.Min(points.Length, i + width + 1));
            yield return (points[i].X, points[from..to].Average(point => point.Y));
        }
    }
}
