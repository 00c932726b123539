using System.Text;
using System.Xml.Linq;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Writes a report as one self-contained HTML file: inline SVG, embedded pictures, a small script that enlarges them,
/// light or dark by the browser's setting. With 50 pictures it is smaller than 5 MB.</summary>
internal static class HtmlReport
{
    /// <summary>Writes the report to a file, whole or not at all.</summary>
    /// <param name="data">The content.</param>
    /// <param name="path">The file; missing folders are created.</param>
    /// <exception cref="ArgumentException">A curve, heat map or label does not fit; the message names it.</exception>
    /// <exception cref="InvalidDataException">A picture cannot be decoded; the message names it.</exception>
    public static void Save(ReportData data, string path)
    {
        var html = Encoding.UTF8.GetBytes(Render(data));
        AtomicFile.Write(path, stream => stream.Write(html));
    }

    /// <summary>Renders the report as the text of an HTML page that is well-formed XML too.</summary>
    /// <param name="data">The content.</param>
    /// <exception cref="ArgumentException">A curve, heat map or label does not fit; the message names it.</exception>
    /// <exception cref="InvalidDataException">A picture cannot be decoded; the message names it.</exception>
    public static string Render(ReportData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        ReportCheck.Run(data);
        var pictures = new PictureStore(data.Pictures.Count + data.HeatMaps.Count);
        (string Id, string Title, IEnumerable<XElement> Content)[] sections =
        [
            ("summary", "Result", EvaluationSections.Summary(data)),
            ("epochs", "AP by epoch", CurveSections.ByEpoch(data.ApByEpoch, "AP")),
            ("recall", "AR by epoch", CurveSections.ByEpoch(data.ArByEpoch, "AR")),
            ("training", "Training", CurveSections.Training(data)),
            ("classes", "Classes", EvaluationSections.Classes(data)),
            ("curves", "Precision and recall", CurveSections.PrecisionRecall(data)),
            ("f1", "F1 and score threshold", F1Section.F1(data)),
            ("confusion", "Confusion matrix", ConfusionSection.Confusion(data)),
            ("errors", "Errors by kind", ErrorSection.Errors(data)),
            ("pictures", "Detections beside ground truth", PictureSections.Detections(data, pictures)),
            ("heat", "Score heat maps", PictureSections.HeatMaps(data, pictures)),
            ("options", "Options of the run", EvaluationSections.Settings(data)),
            ("terms", "Terms", Glossary.Section(data)),
        ];
        var shown = sections.Select(section => (section.Id, section.Title, Content: section.Content.ToArray()))
            .Where(section => section.Content.Length > 0).ToArray();
        var page = Tag("html", Attribute("lang", "en"),
            Tag("head", Tag("meta", Attribute("charset", "utf-8")),
                Tag("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1")),
                Tag("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark")), Tag("title", data.Title), Tag("style", ReportStyle.Css)),
            Tag("body", pictures.Definitions,
                Tag("header", Tag("h1", data.Title), Facts(data),
                    Tag("nav", Attribute("aria-label", "Sections"), shown.Select(section => Tag("a", Attribute("href", $"#{section.Id}"), section.Title)))),
                Tag("main", shown.Select(section => Tag("section", Attribute("id", section.Id), Tag("h2", section.Title), section.Content))),
                data.Pictures.Count + data.HeatMaps.Count > 0 ? new[] { PictureViewer.Dialog, Tag("script", ReportScript.JavaScript) } : null));
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement? Facts(ReportData data) => data.Facts.Count == 0 ? null
        : Tag("dl", Class("facts"), data.Facts.Select(fact => Tag("div", Tag("dt", fact.Name), Tag("dd", fact.Value))));
}
