using System.Globalization;
using System.Net;
using Pss.Engine.Data;

namespace Pss.Tool;

/// <summary>The page of the command inspect: one HTML file that needs no other.</summary>
internal static class InspectPage
{
    private const string Style = """
        :root { color-scheme: light dark; }
        body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1rem; overflow-wrap: anywhere; }
        table { border-collapse: collapse; margin: 0 0 1.5rem; } caption { text-align: left; font-weight: 600; padding: .25rem 0; white-space: nowrap; }
        th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8886; } td { text-align: right; font-variant-numeric: tabular-nums; }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 1rem; }
        figure { margin: 0; } img { width: 100%; height: auto; display: block; } figcaption { font-size: 14px; }
        """;

    public static void Write(string path, DetectionDataset dataset, DatasetSummary summary, IEnumerable<(string Name, byte[]? Jpeg, string Text)> pictures)
    {
        var page = new StringWriter(CultureInfo.InvariantCulture);
        page.Write("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        page.Write($"<title>{Text(dataset.Name)}</title><style>{Style}</style></head><body><h1>{Text(dataset.Name)}</h1>");
        page.Write($"<p>{Text(summary.Lines().First())}.</p>");
        Table(page, "Objects by class", summary.Classes);
        Table(page, "Objects by size", summary.ObjectSizes);
        Table(page, "Images by size", summary.ImageSizes);
        if (dataset.Account() is { Count: > 0 } notes)
            page.Write($"<h2>Mended, passed over or skipped</h2><ul>{string.Concat(notes.Select(note => $"<li>{Text(note)}</li>"))}</ul>");
        page.Write("<h2>Pictures</h2><div class=\"pictures\">");
        foreach (var (name, jpeg, text) in pictures)
        {
            page.Write("<figure>");
            if (jpeg is not null)
                page.Write($"<img alt=\"{Text(name)} with its boxes\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(jpeg)}\">");
            page.Write($"<figcaption>{Text(name)}: {Text(text)}</figcaption></figure>");
        }
        page.Write("</div></body></html>");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path + ".part", page.ToString());
        File.Move(path + ".part", path, overwrite: true);
    }

    private static void Table(StringWriter page, string caption, IReadOnlyDictionary<string, int> rows)
    {
        page.Write($"<table><caption>{caption}</caption>");
        foreach (var (name, count) in rows)
            page.Write($"<tr><th scope=\"row\">{Text(name)}</th><td>{count}</td></tr>");
        page.Write("</table>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
