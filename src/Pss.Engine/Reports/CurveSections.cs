using System.Xml.Linq;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>The sections with line charts.</summary>
internal static class CurveSections
{
    /// <summary>Number of colors for series; further series reuse them.</summary>
    public const int Styles = 8;

    private const int MaxPoints = 240;

    public static IEnumerable<XElement> Training(ReportData data)
    {
        if (data.Losses.Count == 0 && data.LearningRate is null)
            yield break;
        yield return Tag("div", Class("grid3"), data.Losses.Select(loss => Panel(loss, "s0")),
            data.LearningRate is { } rate ? Panel(rate, "s1") : null);
        if (data.Losses.Any(loss => loss.X.Count > MaxPoints))
            yield return Tag("p", Class("dim"),
                "Faint: mean of neighboring steps. Strong: moving average. The horizontal axis is the optimizer step.");
    }

    public static IEnumerable<XElement> ApByEpoch(ReportData data)
    {
        if (data.ApByEpoch.Count == 0)
            yield break;
        var epochs = data.ApByEpoch.SelectMany(series => series.X).DefaultIfEmpty(0).ToArray();
        var height = LineChart.RangeOf(data.ApByEpoch.SelectMany(series => series.Y).Select(value => 100 * value), 0);
        var chart = new LineChart(1080, 320, (epochs.Min(), Math.Max(epochs.Max(), epochs.Min() + 1)), height) { LabelX = "epoch" };
        foreach (var (series, i) in data.ApByEpoch.Select((series, i) => (series, i)))
        {
            var points = series.X.Zip(series.Y, (x, y) => (X: x, Y: 100 * y)).ToArray();
            chart.Line(points, Style(i));
            foreach (var point in points)
                chart.Dot(point, Style(i), $"{series.Name}, epoch {Short(point.X)}: AP {Number(point.Y, "F1")}");
        }
        yield return Legend(data.ApByEpoch.Select((series, i) =>
            ($"{series.Name}: last {Percent(series.Y.LastOrDefault(-1))}, best {Percent(series.Y.DefaultIfEmpty(-1).Max())}", Style(i))));
        yield return Tag("figure", chart.ToSvg("AP in percent by epoch"));
    }

    public static XElement ApByIou(ReportData data)
    {
        var chart = new LineChart(520, 300, (.5, .95), (0, 100)) { LabelX = "IoU threshold" };
        foreach (var (evaluation, i) in data.Evaluations.Select((evaluation, i) => (evaluation, i)))
        {
            var points = CocoEvaluation.IouThresholds.Zip(evaluation.Coco.AveragePrecisionByIou)
                .Select(point => (X: point.First, Y: point.Second < 0 ? double.NaN : 100 * point.Second)).ToArray();
            chart.Line(points, Style(i));
            foreach (var point in points)
                chart.Dot(point, Style(i), $"{evaluation.Name}, IoU {Number(point.X)}: AP {Number(point.Y, "F1")}");
        }
        return Tag("div", Legends(data), chart.ToSvg("AP in percent by IoU threshold"));
    }

    public static IEnumerable<XElement> PrecisionRecall(ReportData data)
    {
        if (data.Evaluations.Count == 0)
            yield break;
        yield return Legends(data);
        yield return Tag("p", Class("dim"), "Precision over recall, both in percent. Solid: IoU 0.50, dashed: IoU 0.75. The number is AP50.");
        var others = data.Evaluations.Select(evaluation => evaluation.Coco.Categories.ToDictionary(category => category.Category.Id)).ToArray();
        var shown = data.Evaluations[0].Coco.Categories.Where(category => category.Objects[0] > 0);
        yield return Tag("div", Class("grid4"), shown.Select(category =>
        {
            var chart = new LineChart(264, 210, (0, 100), (0, 100)) { LabelX = "recall" };
            for (var k = others.Length - 1; k >= 0; k--)
                if (others[k].TryGetValue(category.Category.Id, out var curves) && curves.Objects[0] > 0)
                {
                    chart.Line(Curve(curves.Precision[5]), $"{Style(k)} dashed");
                    chart.Line(Curve(curves.Precision[0]), Style(k));
                }
            return Tag("figure", Tag("figcaption", category.Category.Name, Tag("b", Percent(category.Summary.AP50))),
                chart.ToSvg($"Precision by recall of {category.Category.Name}"));
        }));
    }

    public static string Style(int series) => $"s{series % Styles}";

    public static XElement Legends(ReportData data) => data.Evaluations.Count < 2 ? Tag("span")
        : Legend(data.Evaluations.Select((evaluation, i) => (evaluation.Name, Style(i))));

    /// <summary>The curve up to the last recall that was reached.</summary>
    private static IEnumerable<(double X, double Y)> Curve(double[] precision) => CocoEvaluation.RecallThresholds
        .Zip(precision, (r, p) => (X: 100 * r, Y: 100 * p))
        .Take(Math.Min(precision.Length, 2 + Array.FindLastIndex(precision, value => value > 0)));

    private static XElement Panel(ReportSeries series, string style)
    {
        var points = Thin(series.X.Zip(series.Y).Where(point => double.IsFinite(point.First) && double.IsFinite(point.Second)).ToArray());
        var steps = points.Select(point => point.X).DefaultIfEmpty(0).ToArray();
        var chart = new LineChart(352, 190, (steps.Min(), steps.Max()),
            LineChart.RangeOf(points.Select(point => point.Y), points.All(point => point.Y >= 0) ? 0 : null));
        var smooth = points.Length >= 40 && style == "s0";
        chart.Line(points, smooth ? $"{style} faint" : style);
        if (smooth)
            chart.Line(Smooth(points), style);
        return Tag("figure", Tag("figcaption", series.Name, Tag("b", Short(points.Select(point => point.Y).LastOrDefault()))),
            chart.ToSvg($"{series.Name} by step"));
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
