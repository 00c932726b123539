using System.Net;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Reports;

namespace Pss.Engine.Tests.Reports;

public sealed class HtmlReportTests
{
    [Fact]
    public void The_page_is_well_formed_self_contained_and_shows_the_evaluators_numbers()
    {
        var data = SampleReport.Make(6);
        var html = HtmlReport.Render(data);
        var page = Parse(html);

        Assert.Equal(["summary", "epochs", "training", "classes", "curves", "f1", "confusion", "errors", "pictures", "heat", "options", "terms"],
            page.Descendants("section").Select(section => section.Attribute("id")!.Value));
        Assert.Empty(Assert.Single(page.Descendants("script")).Attributes());
        // HTML does not unescape what a script or style holds.
        Assert.All(page.Descendants().Where(tag => tag.Name == "script" || tag.Name == "style"), tag => Assert.DoesNotMatch("[<>&]", tag.Value));
        Assert.All(page.Descendants().Attributes().Where(a => a.Name == "href" || a.Name == "src"), a => Assert.Matches("^(#|data:image/)", a.Value));
        Assert.DoesNotContain("url(", html, StringComparison.Ordinal);
        AssertOnlyNumbers(page);
        Assert.All(ExpectedTexts(data), text => Assert.Contains(text, page.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void A_browser_shows_it_without_complaint()
    {
        var data = SampleReport.Make(2);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.html");
        HtmlReport.Save(data, path);
        try
        {
            var (document, log) = Browser.Path is null ? (File.ReadAllText(path), "") : Browser.Load(path);
            var text = WebUtility.HtmlDecode(Regex.Replace(document, "<[^>]*>", " "));
            Assert.All(ExpectedTexts(data), expected => Assert.Contains(expected, text, StringComparison.Ordinal));
            Assert.Equal(Regex.Count(HtmlReport.Render(data), "<(svg|path|rect|circle|td)[ >]"), Regex.Count(document, "<(svg|path|rect|circle|td)[ >]"));
            Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Every_picture_is_embedded_once_and_used_by_its_drawings()
    {
        var page = Parse(HtmlReport.Render(SampleReport.Make(6)));
        var ids = page.Descendants("defs").Elements("image").Select(image => image.Attribute("id")!.Value).ToArray();
        Assert.Equal(6, ids.Distinct().Count());
        var uses = page.Descendants("use").Select(use => use.Attribute("href")!.Value[1..]).ToArray();
        Assert.All(uses, use => Assert.Contains(use, ids));
        Assert.Equal((6 * 3) + (2 * 2 * 5), uses.Length);
    }

    [Fact]
    public void Every_detection_above_the_threshold_and_every_missed_object_is_drawn()
    {
        var data = SampleReport.Make(6);
        var page = Parse(HtmlReport.Render(data));
        var drawn = page.Descendants("section").Single(section => section.Attribute("id")!.Value == "pictures").Descendants("g")
            .Where(g => g.Attribute("class")?.Value.StartsWith("box ", StringComparison.Ordinal) == true).ToArray();
        var outputs = data.Pictures.SelectMany(picture => picture.Outputs.Select(output => (picture.Objects, output.Errors!))).ToArray();
        var missed = outputs.Sum(output => output.Objects.Where((item, g) => !item.IsCrowd && !output.Item2.Found[g]).Count());
        Assert.Equal(missed, drawn.Count(g => g.Attribute("class")!.Value == "box missed"));
        Assert.True(missed > 0);
        Assert.Equal(data.Pictures.Sum(picture => picture.Objects.Count) + outputs.Sum(output => output.Item2.Outcomes.Count(o => o is not null)) + missed, drawn.Length);
    }

    [Fact]
    public void Labels_stay_inside_their_picture_and_make_room_for_each_other()
    {
        var picture = SampleReport.Make(1).Pictures[0];
        var twins = Enumerable.Range(0, 3).Select(i => new Detection(250, 100, 315, 200, .5f + .1f * i, 0)).ToArray();
        var data = SampleReport.Make(1) with { Pictures = [picture with { Objects = [], Outputs = [new("three times", twins)] }] };
        var tags = Parse(HtmlReport.Render(data)).Descendants("rect").Where(rect => rect.Attribute("class")?.Value == "tag").Select(rect => new BoundingBox(
            (double)rect.Attribute("x")!, (double)rect.Attribute("y")!, (double)rect.Attribute("width")!, (double)rect.Attribute("height")!)).ToArray();

        Assert.Equal(3, tags.Length);
        // The page holds two decimals.
        Assert.All(tags, tag => Assert.True(tag.X >= 0 && tag.Y >= 0 && tag.X2 <= picture.Picture.Width + .02 && tag.Y2 <= picture.Picture.Height + .02, $"{tag}"));
        Assert.All(tags, tag => Assert.Single(tags, other => BoxOverlap.IoU(tag, other) > .01));
    }

    [Fact]
    public void Fifty_pictures_of_noise_stay_below_five_megabytes()
    {
        var data = SampleReport.Make(50, noisy: true);
        Assert.True(data.Pictures.Sum(picture => picture.Picture.Encoded.Length) > 8_000_000);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}", "report.html");
        HtmlReport.Save(data, path);
        try
        {
            Assert.InRange(new FileInfo(path).Length, 500_000, 5_000_000);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    [Fact]
    public void Pictures_made_smaller_still_look_the_same()
    {
        // 6 pictures of 900x700 have room for 120 kB each: a PNG of this one is larger, so it is written anew.
        var image = new RgbImage(900, 700);
        var random = new SeededRandom(3);
        for (var i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(128 + 90 * Math.Sin(i / 3 % 900 / 90.0 + i % 3) + random.Next(9));
        using var png = new MemoryStream();
        image.SavePng(png);
        var picture = new ReportPicture("waves", png.ToArray(), 900, 700);
        var data = new ReportData { Title = "t", Pictures = [new DetectionPicture { Picture = picture, Objects = [], Outputs = [] }] };

        var uri = Parse(HtmlReport.Render(data)).Descendants("defs").Elements("image").Single().Attribute("href")!.Value;
        Assert.StartsWith("data:image/jpeg;base64,", uri, StringComparison.Ordinal);
        var bytes = Convert.FromBase64String(uri[uri.IndexOf(',')..][1..]);
        Assert.InRange(bytes.Length, 1, 120_000);
        var small = RgbImage.Decode(bytes, "small");
        double error = 0;
        for (var y = 0; y < small.Height; y++)
            for (var x = 0; x < small.Width; x++)
                for (var c = 0; c < 3; c++)
                    error += Math.Pow(small.Pixels[(3 * ((y * small.Width) + x)) + c] - (132 + (90 * Math.Sin((x + .5) * 900 / small.Width / 90.0 + c))), 2);
        Assert.InRange(Math.Sqrt(error / small.Pixels.Length), 0, 6);
    }

    [Fact]
    public void A_title_alone_makes_a_page_without_sections()
    {
        var page = Parse(HtmlReport.Render(new ReportData { Title = "a < b & \u0001c" }));
        Assert.Empty(page.Descendants("section"));
        Assert.Equal("a < b & c", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Curves_without_numbers_and_classes_without_objects_are_drawn_empty()
    {
        var nothing = new CocoEvaluator().Evaluate([1], [new Category(1, "one")], [], []);
        var html = HtmlReport.Render(new ReportData
        {
            Title = "empty",
            Losses = [new("total", [], []), new("box", [0, 1], [double.NaN, double.PositiveInfinity]), new("one", [5], [0])],
            ApByEpoch = [new("end to end", [1], [0])],
            Evaluations = [new("end to end", nothing)],
        });
        Assert.Contains("–", Parse(html).Descendants("table").First().Value, StringComparison.Ordinal);
        AssertOnlyNumbers(Parse(html));
    }

    [Fact]
    public void The_same_data_give_the_same_page() => Assert.Equal(HtmlReport.Render(SampleReport.Make(2)), HtmlReport.Render(SampleReport.Make(2)));

    [Fact]
    public void Best_thresholds_and_the_confusion_matrix_are_those_of_the_evaluation()
    {
        var data = SampleReport.Make(6);
        var page = Parse(HtmlReport.Render(data));
        var (f1, matrix) = (data.Evaluations[0].F1!, data.Evaluations[0].Confusion!);

        Assert.Equal(FormattableString.Invariant($"{f1.Total.Best!.Threshold:0.000}"), Section(page, "f1").Descendants("b").First().Value);
        var rows = Section(page, "f1").Descendants("tbody").Single().Elements("tr").ToArray();
        Assert.Equal(FormattableString.Invariant($"{f1.ByLabel[2].Best!.Threshold:0.000}"), rows[3].Elements("td").ElementAt(1).Value);
        var cells = Section(page, "confusion").Descendants("tbody").First().Descendants("td").Select(cell => cell.Value.Length == 0 ? 0 : int.Parse(cell.Value));
        Assert.Equal(Enumerable.Range(0, 16).Select(i => matrix[i / 4, i % 4]), cells);
    }

    [Fact]
    public void What_is_zero_or_not_defined_is_said_in_words_and_not_drawn()
    {
        var empty = new DetectionDataset { Categories = [new Category(1, "one")], Images = [new() { Id = 1, FileName = "1.png", Width = 9, Height = 9 }] };
        var page = Parse(HtmlReport.Render(new ReportData
        {
            Title = "empty",
            Categories = empty.Categories,
            Losses = [new("total", [], []), new("zero", [0, 1], [0, 0]), new("one", [5], [3])],
            ApByEpoch = [new("end to end", [4], [.252])],
            Evaluations = [ReportEvaluation.Of("end to end", new CocoEvaluator().Evaluate(empty, [[]]), empty, [[]])],
        }));

        Assert.Empty(page.Descendants("path"));
        Assert.DoesNotContain(page.Descendants(), tag => tag.Attribute("class")?.Value.StartsWith("fill", StringComparison.Ordinal) == true);
        string[] words = ["no finite value", "0 at every step", "one value: a curve needs two", "evaluated once: end to end 25.2 AP after epoch 4",
            "there are no objects", "no objects of this class", "no object is found at any score threshold", "no annotated object counts"];
        Assert.All(words, text => Assert.Contains(text, page.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Eighty_classes_scroll_in_their_own_boxes_and_the_pairs_confused_most_are_listed()
    {
        var dataset = new DetectionDataset
        {
            Categories = [.. Enumerable.Range(0, 80).Select(k => new Category(k + 1, $"class {k}"))],
            Images = [.. Enumerable.Range(0, 80).Select(k => new ImageRecord
            {
                Id = k + 1, FileName = $"{k}.png", Width = 99, Height = 99, Objects = [new() { Label = k, Box = new(0, 0, 9, 9) }],
            })],
        };
        var found = dataset.Images.Select((_, k) => (IReadOnlyList<Detection>)[new(0, 0, 9, 9, .5f, k is 7 ? 8 : k)]).ToArray();
        var page = Parse(HtmlReport.Render(new ReportData
        {
            Title = "many",
            Categories = dataset.Categories,
            Evaluations = [ReportEvaluation.Of("end to end", new CocoEvaluator().Evaluate(dataset, found), dataset, found)],
        }));

        Assert.All(page.Descendants("table"), table => Assert.Equal("scroll", table.Parent!.Attribute("class")!.Value));
        Assert.Contains("class 7 as class 8 1 of 1.", Section(page, "confusion").Value, StringComparison.Ordinal);
        Assert.Equal(68, Section(page, "curves").Descendants("details").Descendants("figure").Count());
    }

    [Fact]
    public void Ticks_of_epochs_are_integers()
    {
        var page = Parse(HtmlReport.Render(new ReportData { Title = "epochs", ApByEpoch = [new("end to end", [1, 2, 3], [.1, .2, .3])] }));
        var ticks = page.Descendants("span").Where(tag => tag.Attribute("class")?.Value == "tick x few").Select(tag => tag.Value);
        Assert.Equal(["1", "2", "3"], ticks);
    }

    [Fact]
    public void Tables_have_captions_and_scopes_and_pictures_have_names()
    {
        var page = Parse(HtmlReport.Render(SampleReport.Make(2)));
        Assert.All(page.Descendants("table"), table => Assert.Single(table.Elements("caption")));
        Assert.All(page.Descendants("th"), head => Assert.Contains(head.Attribute("scope")?.Value, (string[])["col", "colgroup", "row"]));
        Assert.All(page.Descendants("img"), image => Assert.NotEmpty(image.Attribute("alt")!.Value));
        Assert.All(page.Descendants().Where(tag => tag.Attribute("role")?.Value == "img"), image => Assert.NotEmpty(image.Attribute("aria-label")!.Value));
    }

    [Fact]
    public void Parts_that_do_not_fit_are_named()
    {
        var data = SampleReport.Make(1);
        var detections = data.Pictures[0].Outputs[0];
        Refused("the curve 'box' has 2 x values but 1 y values", data with { Losses = [new("box", [0, 1], [0])] });
        Refused("'end to end' are of 3 classes", data with { Categories = data.Categories.Take(2).ToArray(), Pictures = [] });
        Refused("the heat map P3 of scene 1 is 40 x 2", data with
        {
            HeatMaps = [data.HeatMaps[0] with { Levels = [data.HeatMaps[0].Levels[0] with { Rows = 2 }] }],
        });
        Refused("scene 1 has an object of label 3", data with
        {
            Pictures = [data.Pictures[0] with { Outputs = [new("x", [new Detection(0, 0, 1, 1, 1, 3)])] }],
        });
        Refused("scene 1: the outcomes of 'x'", data with { Pictures = [data.Pictures[0] with { Outputs = [new("x", [], detections.Errors)] }] });
        var broken = data.Pictures[0] with { Picture = data.Pictures[0].Picture with { Encoded = [1, 2, 3] } };
        Assert.Contains("scene 1", Assert.Throws<InvalidDataException>(() => HtmlReport.Render(data with { Pictures = [broken] })).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> ExpectedTexts(ReportData data)
    {
        yield return data.Title;
        foreach (var evaluation in data.Evaluations)
        {
            foreach (var number in evaluation.Coco.Summary.ToArray().Concat(evaluation.Coco.Categories.Select(category => category.Summary.AP)))
                yield return number < 0 ? "–" : FormattableString.Invariant($"{100 * number:F1}");
            yield return FormattableString.Invariant($"{evaluation.Errors!.Total.Duplicate}");
            yield return FormattableString.Invariant($"{evaluation.Errors!.Total.Missed}");
        }
        foreach (var category in data.Categories)
            yield return category.Name;
        foreach (var setting in data.Settings)
            yield return setting.Value;
    }

    private static void AssertOnlyNumbers(XElement page) => Assert.All(page.Descendants().Attributes().Where(a => !a.Value.StartsWith("data:", StringComparison.Ordinal))
        .Select(a => a.Value).Append(page.Value), text => Assert.DoesNotMatch("NaN|∞|Infinity", text));

    private static XElement Parse(string html)
    {
        Assert.StartsWith("<!DOCTYPE html>\n", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex("<(div|span|i|script|table|td|th|svg|p|figure)( [^<>]*)?/>"), html);
        return XElement.Parse(html[html.IndexOf('\n')..]);
    }

    private static XElement Section(XElement page, string id) => page.Descendants("section").Single(section => section.Attribute("id")!.Value == id);

    private static void Refused(string message, ReportData data) =>
        Assert.Contains(message, Assert.ThrowsAny<ArgumentException>(() => HtmlReport.Render(data)).Message, StringComparison.Ordinal);
}
