using System.Net;
using System.Text.RegularExpressions;
using Pss.Engine.Reports;

namespace Pss.Engine.Tests.Reports;

/// <summary>The layout of the page in a browser. An inline frame stands for the screen, since a browser's window has a least width.</summary>
public sealed class ReportLayoutTests
{
    [ChromiumTheory]
    [InlineData(390)]
    [InlineData(1280)]
    public void With_Chromium_nothing_is_wider_than_the_screen_and_no_text_is_smaller_than_twelve_pixels(int width)
    {
        var measured = Measure(width, """
            var page = frame.contentDocument, small = [];
            page.querySelectorAll('.tick, .axis-title, th, td, dt, dd, p, small, figcaption, .legend, label').forEach(function (item) {
                if (parseFloat(frame.contentWindow.getComputedStyle(item).fontSize) < 12) small.push(item.textContent);
            });
            page.querySelectorAll('.picture .label text').forEach(function (item) {
                var picture = item.closest('svg'), scale = picture.getBoundingClientRect().width / picture.viewBox.baseVal.width;
                if (scale * parseFloat(item.getAttribute('font-size')) < 12) small.push(item.textContent);
            });
            return [page.documentElement.scrollWidth - page.documentElement.clientWidth, page.querySelectorAll('.tick').length, small.join(' | ')];
            """);
        Assert.Equal("0", measured[0]);
        Assert.True(int.Parse(measured[1]) > 50);
        Assert.Equal("", measured[2]);
    }

    [ChromiumFact]
    public void With_Chromium_a_click_enlarges_a_picture_and_the_toggles_hide_labels_boxes_and_show_the_truth()
    {
        var measured = Measure(1280, """
            var page = frame.contentDocument, picture = page.querySelectorAll('.picture')[1];
            function shown(selector) { return frame.contentWindow.getComputedStyle(page.querySelector(selector)).display !== 'none'; }
            var before = [shown('.picture .label'), shown('.picture .box'), shown('.picture .reference'), page.querySelector('dialog').open];
            picture.dispatchEvent(new MouseEvent('click', { bubbles: true }));
            var wider = page.querySelector('#viewer-stage svg').getBoundingClientRect().width > 1.5 * picture.getBoundingClientRect().width;
            var open = page.querySelector('dialog').open;
            page.querySelector('[data-action=show-labels]').click();
            page.querySelector('[data-action=show-truth]').click();
            return [before, open, wider, shown('#viewer-stage .label'), shown('#viewer-stage .box'), shown('#viewer-stage .reference')];
            """);
        Assert.Equal(["true,true,false,false", "true", "true", "false", "true", "true"], measured);
    }

    /// <summary>Runs a function body in the page that holds the report in a frame; returns the values that it returns, as text.</summary>
    private static string[] Measure(int width, string script)
    {
        using var folder = new TemporaryFolder();
        var report = WebUtility.HtmlEncode(HtmlReport.Render(SampleReport.Make(2)));
        var page = folder.Write("frame.html", $$"""
            <!DOCTYPE html><meta charset="utf-8"><iframe style="width:{{width}}px;height:900px;border:0" srcdoc="{{report}}"></iframe><script>
            var frame = document.querySelector('iframe');
            frame.addEventListener('load', function () {
                var values = (function () { {{script}} })();
                document.title = values.map(String).join(';');
                frame.remove();
            });
            </script>
            """);
        var (document, log) = Browser.Load(page);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        return WebUtility.HtmlDecode(Regex.Match(document, "<title>(.*?)</title>", RegexOptions.Singleline).Groups[1].Value).Split(';');
    }
}
