using System.Xml.Linq;
using Pss.Engine.Data;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Pictures with boxes, and pictures under heat maps.</summary>
internal static class PictureSections
{
    private const int NamedClasses = 24;

    public static IEnumerable<XElement> Detections(ReportData data, PictureStore pictures)
    {
        if (data.Pictures.Count == 0)
            yield break;
        yield return Tag("p", Class("dim"), $"{Count(data.Pictures.Count, "image")} of {Count(Math.Max(data.Images, data.Pictures.Count))}, spread evenly. " +
            "Colors are classes; numbers are scores in percent.");
        yield return Tag("div", Class("legend"),
            Key("s0", "edge", "ground truth; correct detection"), Key("s0", "edge dashed", "wrong detection, with the kind of error"),
            Key("missed", "edge", "missed object"), Key("reference", "edge", "ground truth over detections, where switched on"));
        var more = data.Categories.Count - NamedClasses;
        yield return Legend(data.Categories.Take(NamedClasses).Select((category, label) => (category.Name, CurveSections.Style(label)))
            .Concat(more > 0 ? [($"and {Count(more, "class", "classes")} more; colors repeat", "none")] : []));
        yield return Tag("div", Class("controls"), Toggle("show-boxes", "Boxes", true), HasMasks(data) ? Toggle("show-masks", "Masks", true) : null, Toggle("show-labels", "Labels", true),
            Toggle("show-truth", "Ground truth over detections", false), PictureViewer.Hint);
        foreach (var picture in data.Pictures)
        {
            yield return Tag("h3", picture.Picture.Name);
            yield return Tag("div", Class("grid3 pictures"),
                Figure("ground truth", Objects(picture), picture.Picture, pictures, Truth(picture, data, new BoxDrawing(picture.Picture))),
                picture.Outputs.Select(output => Figure(output.Name, Outcomes(picture, output), picture.Picture, pictures,
                    Output(picture, output, data, new BoxDrawing(picture.Picture)))));
        }
    }

    public static IEnumerable<XElement> HeatMaps(ReportData data, PictureStore pictures)
    {
        if (data.HeatMaps.Count == 0)
            yield break;
        yield return Tag("p", Class("dim"), "The highest class score of every location, by pyramid level: of the detector without PSS (plain), " +
            "and with the positive sample selector, which keeps one location per object, before local maxima are taken where the detector does that.");
        yield return Tag("div", Class("controls"), PictureViewer.Hint);
        foreach (var map in data.HeatMaps)
        {
            yield return Tag("h3", map.Picture.Name);
            yield return Tag("div", Class("heat"), map.Levels.SelectMany(level => new[] { false, true }.Select(pss =>
                Figure($"{level.Name} {(pss ? "with PSS" : "plain")}", "", map.Picture, pictures, [Heat(level, pss ? level.WithPss : level.Plain)], "under"))));
        }
        yield return Tag("div", Class("scale"), Tag("span", "0"), Tag("img", Attribute("alt", "color scale from score 0, black, to score 1, pale yellow"),
            Attribute("src", PictureStore.Uri("png", HeatColors.Paint(1, 64, [.. Enumerable.Range(0, 64).Select(i => i / 63f)])))), Tag("span", "1"));
    }

    private static bool HasMasks(ReportData data) => data.Pictures.Any(picture =>
        picture.Objects.Any(item => item.Mask is not null) || picture.Outputs.Any(output => output.Detections.Any(found => found.Mask is not null)));

    private static XElement Toggle(string id, string name, bool on) => Tag("label", Tag("input", Attribute("type", "checkbox"), Attribute("id", id),
        Attribute("autocomplete", "off"), on ? Attribute("checked", "checked") : null), name);

    private static XElement Key(string group, string style, string meaning) => Tag("span",
        Tag("svg", Class($"key {group}"), Attribute("viewBox", "0 0 22 12"), Attribute("aria-hidden", "true"),
            Tag("rect", Class(style), Attribute("x", 1.5), Attribute("y", 1.5), Attribute("width", 19), Attribute("height", 9))), meaning);

    private static XElement Figure(string caption, string note, ReportPicture picture, PictureStore pictures, IEnumerable<XElement> marks, string style = "") =>
        Tag("figure", Tag("figcaption", Tag("span", caption), note.Length == 0 ? null : Tag("b", note)),
            Tag("svg", Class("picture"), Attribute("viewBox", $"0 0 {picture.Width} {picture.Height}"), Attribute("role", "img"),
                Attribute("aria-label", $"{picture.Name}: {caption}{(note.Length == 0 ? "" : $", {note}")}"), Tag("g", Class(style), pictures.Use(picture)), marks));

    private static string Objects(DetectionPicture picture) => picture.Objects.Count == 0 ? "no objects" : Count(picture.Objects.Count, "object");

    private static string Outcomes(DetectionPicture picture, PictureDetections output)
    {
        if (output.Errors is not { } errors)
            return Count(output.Detections.Count, "detection");
        var objects = picture.Objects.Count(item => !item.IsCrowd);
        var wrong = errors.Outcomes.Count(outcome => outcome is not (null or DetectionOutcome.Correct or DetectionOutcome.Ignored));
        return (objects == 0 ? "no objects" : $"{Count(errors.Found.Count(found => found))} of {Count(objects)} found") + (wrong == 0 ? "" : $", {Count(wrong)} wrong");
    }

    private static IEnumerable<XElement> Truth(DetectionPicture picture, ReportData data, BoxDrawing drawing)
    {
        foreach (var item in picture.Objects)
        {
            var name = data.Categories[item.Label].Name;
            drawing.AddMask(item.Mask, CurveSections.Style(item.Label));
            drawing.Add(item.Box, CurveSections.Style(item.Label), item.IsCrowd ? "crowd" : name,
                item.IsCrowd ? $"{name}, crowd" : name, dashed: item.IsCrowd);
        }
        return drawing.Marks;
    }

    private static IEnumerable<XElement> Output(DetectionPicture picture, PictureDetections output, ReportData data, BoxDrawing drawing)
    {
        foreach (var item in picture.Objects)
            drawing.AddReference(item.Box);
        if (output.Errors is { } errors)
            for (var g = 0; g < picture.Objects.Count; g++)
                if (!errors.Found[g] && !picture.Objects[g].IsCrowd)
                    drawing.Add(picture.Objects[g].Box, "missed", "", $"missed: {data.Categories[picture.Objects[g].Label].Name}");
        foreach (var (found, d) in output.Detections.Select((found, d) => (found, d)).OrderBy(pair => pair.found.Score))
        {
            if (output.Errors is not null && output.Errors.Outcomes[d] is null)
                continue;
            var word = Word(output.Errors?.Outcomes[d]);
            var wrong = word.Length > 0;
            var (name, score) = (data.Categories[found.Label].Name, Number(100 * found.Score, "F0"));
            drawing.AddMask(found.Mask, CurveSections.Style(found.Label));
            drawing.Add(BoundingBox.FromCorners(found.X1, found.Y1, found.X2, found.Y2), CurveSections.Style(found.Label),
                $"{(wrong ? word : name)} {score}",
                wrong ? $"{name} {score}: {word}" : $"{name} {score}", dashed: wrong, below: wrong);
        }
        return drawing.Marks;
    }

    private static string Word(DetectionOutcome? outcome) => outcome switch
    {
        DetectionOutcome.Duplicate => "duplicate",
        DetectionOutcome.WrongClass => "wrong class",
        DetectionOutcome.PoorBox => "poor box",
        DetectionOutcome.Background => "background",
        DetectionOutcome.Ignored => "in a crowd",
        _ => "",
    };

    private static XElement Heat(HeatMapLevel level, IReadOnlyList<float> scores) => Tag("image", Class("heatmap"),
        Attribute("width", level.Columns * level.CellWidth), Attribute("height", level.Rows * level.CellHeight), Attribute("preserveAspectRatio", "none"),
        Attribute("href", PictureStore.Uri("png", HeatColors.Paint(level.Rows, level.Columns, scores))));
}
