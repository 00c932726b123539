using System.Xml.Linq;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using static Pss.Engine.Reports.Markup;

namespace Pss.Engine.Reports;

/// <summary>Pictures with boxes, and pictures under heat maps.</summary>
internal static class PictureSections
{
    public static IEnumerable<XElement> Detections(ReportData data, PictureStore pictures)
    {
        if (data.Pictures.Count == 0)
            yield break;
        yield return Legend(data.Categories.Take(24).Select((category, label) => (category.Name, CurveSections.Style(label))));
        yield return Tag("p", Class("dim"),
            "Solid: correct. Dashed, with the kind of error: wrong. Dotted red: missed object. Numbers are scores in percent.");
        foreach (var picture in data.Pictures)
        {
            var columns = picture.Outputs.Count + 1;
            yield return Tag("h3", picture.Picture.Name);
            yield return Tag("div", Class($"grid{Math.Min(columns, 3)}"),
                Figure("ground truth", picture.Picture, pictures, Truth(picture, data, new BoxDrawing(picture.Picture, columns))),
                picture.Outputs.Select(output => Figure(output.Name, picture.Picture, pictures,
                    Output(picture, output, data, new BoxDrawing(picture.Picture, columns)))));
        }
    }

    public static IEnumerable<XElement> HeatMaps(ReportData data, PictureStore pictures)
    {
        if (data.HeatMaps.Count == 0)
            yield break;
        yield return Tag("p", Class("dim"), "The highest class score of every location, by pyramid level. Above: the detector without PSS. " +
            "Below: with the positive sample selector, which keeps one location per object.");
        foreach (var map in data.HeatMaps)
        {
            yield return Tag("h3", map.Picture.Name);
            foreach (var pss in new[] { false, true })
                yield return Tag("div", Class("heat"), Attribute("style", $"--n:{map.Levels.Count}"), map.Levels.Select(level =>
                    Figure($"{level.Name} {(pss ? "with PSS" : "plain")}", map.Picture, pictures, [Heat(level, pss ? level.WithPss : level.Plain)], "under")));
        }
        yield return Tag("div", Class("scale"), Tag("span", "0"), Tag("img", Attribute("alt", "color scale"),
            Attribute("src", PictureStore.Uri("png", Paint(1, 64, [.. Enumerable.Range(0, 64).Select(i => i / 63f)])))), Tag("span", "1"));
    }

    private static XElement Figure(string caption, ReportPicture picture, PictureStore pictures, IEnumerable<XElement> marks, string style = "") =>
        Tag("figure", Tag("figcaption", caption),
            Tag("svg", Class("picture"), Attribute("viewBox", $"0 0 {picture.Width} {picture.Height}"), Attribute("role", "img"),
                Attribute("aria-label", $"{picture.Name}: {caption}"), Tag("g", Class(style), pictures.Use(picture)), marks));

    private static IEnumerable<XElement> Truth(DetectionPicture picture, ReportData data, BoxDrawing drawing)
    {
        foreach (var item in picture.Objects)
        {
            var name = data.Categories[item.Label].Name;
            drawing.Add(item.Box, CurveSections.Style(item.Label), item.IsCrowd ? "crowd" : name,
                item.IsCrowd ? $"{name}, crowd" : name, dashed: item.IsCrowd);
        }
        return drawing.Marks;
    }

    private static IEnumerable<XElement> Output(DetectionPicture picture, PictureDetections output, ReportData data, BoxDrawing drawing)
    {
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
        Attribute("href", PictureStore.Uri("png", Paint(level.Rows, level.Columns, scores))));

    /// <summary>Paints a color map from black through violet and orange to pale yellow; the page blends black as transparent.</summary>
    private static byte[] Paint(int rows, int columns, IReadOnlyList<float> scores)
    {
        (double At, int R, int G, int B)[] stops =
            [(0, 0, 0, 0), (.15, 46, 14, 96), (.4, 150, 38, 108), (.65, 227, 89, 51), (.85, 249, 172, 32), (1, 252, 255, 164)];
        var image = new RgbImage(columns, rows);
        for (var i = 0; i < rows * columns; i++)
        {
            var score = double.IsNaN(scores[i]) ? 0 : Math.Clamp(scores[i], 0, 1);
            var k = Array.FindIndex(stops, 1, stop => score <= stop.At);
            var part = (score - stops[k - 1].At) / (stops[k].At - stops[k - 1].At);
            byte Mix(int low, int high) => (byte)(low + part * (high - low));
            (image.Pixels[3 * i], image.Pixels[3 * i + 1], image.Pixels[3 * i + 2]) =
                (Mix(stops[k - 1].R, stops[k].R), Mix(stops[k - 1].G, stops[k].G), Mix(stops[k - 1].B, stops[k].B));
        }
        using var stream = new MemoryStream();
        image.SavePng(stream);
        return stream.ToArray();
    }
}
