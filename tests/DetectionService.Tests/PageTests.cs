using System.Collections.Concurrent;
using Microsoft.Playwright;
using Pss.Engine.Tests.Reports;

namespace DetectionService.Tests;

/// <summary>The page in Chromium; skipped with the reason where the machine has none.</summary>
public sealed class PageTests(TinyModels models, RunningChromium chromium) : IClassFixture<TinyModels>, IClassFixture<RunningChromium>, IDisposable
{
    /// <summary>Requests to other hosts, and what the browser's console tells.</summary>
    private readonly ConcurrentQueue<string> _problems = [];

    public void Dispose() => Assert.Empty(_problems);

    [ChromiumFact]
    public async Task With_Chromium_a_chosen_picture_shows_the_boxes_of_its_objects()
    {
        await using var service = await RunningService.Start(models.OfFiles);
        var page = await Open(service);
        await page.Locator("#file").SetInputFilesAsync(models.Picture(0, "scene.png"));
        await Assertions.Expect(page.Locator("#result")).ToBeVisibleAsync();
        await Slide(page, 0);
        var found = (await service.Detect(File.ReadAllBytes(models.Picture(0, "scene.png")), "?threshold=0&maximum=300")).GetProperty("detections");
        Assert.Equal(found.GetArrayLength(), await page.Locator(".box:visible").CountAsync());
        var picture = (await page.Locator("#picture").BoundingBoxAsync())!;
        for (var i = 0; i < found.GetArrayLength(); i++)
        {
            var (expected, box) = (found[i].GetProperty("box"), (await page.Locator(".box").Nth(i).BoundingBoxAsync())!);
            Assert.Equal(expected.GetProperty("x0").GetSingle() / 96, (box.X - picture.X) / picture.Width, 0.01f);
            Assert.Equal(expected.GetProperty("y0").GetSingle() / 64, (box.Y - picture.Y) / picture.Height, 0.01f);
            await Assertions.Expect(page.Locator("#objects tr").Nth(i)).ToContainTextAsync(found[i].GetProperty("class").GetString()!);
        }
    }

    [ChromiumFact]
    public async Task With_Chromium_the_slider_hides_what_scores_less()
    {
        await using var service = await RunningService.Start(new FakeScorer());
        var page = await Open(service);
        await Send(page, "scene.jpg", models.Jpeg(0));
        await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync("1 of 2 objects have at least this score.");
        foreach (var (threshold, count) in ((double, int)[])[(0, 2), (0.2, 2), (0.21, 1), (0.9, 1), (0.91, 0)])
        {
            await Slide(page, threshold);
            await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(count);
            await Assertions.Expect(page.Locator("#objects tr:visible")).ToHaveCountAsync(count);
        }
    }

    [ChromiumTheory]
    [InlineData("drop")]
    [InlineData("paste")]
    public async Task With_Chromium_a_picture_may_be_dropped_or_pasted(string how)
    {
        await using var service = await RunningService.Start(new FakeScorer());
        var page = await Open(service);
        await page.EvaluateAsync("""
            ([how, bytes]) => {
                const data = new DataTransfer();
                data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'a.jpg', { type: 'image/jpeg' }));
                document.body.dispatchEvent(how === 'drop' ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
                    : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
            }
            """, new[] { how, Convert.ToBase64String(models.Jpeg(0)) });
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveTextAsync("thing 0.90");
    }

    [ChromiumFact]
    public async Task With_Chromium_the_keyboard_chooses_a_picture_and_moves_the_slider()
    {
        await using var service = await RunningService.Start(new FakeScorer());
        var page = await Open(service);
        await page.Keyboard.PressAsync("Tab");
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.querySelector('.button')).outlineStyle"));
        var chooser = await FileChooser(page);
        await chooser.SetFilesAsync(models.Picture(0, "scene.png"));
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Tab");
        Assert.Equal("threshold", await page.EvaluateAsync<string>("document.activeElement.id"));
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(2);
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(0);
    }

    // On a busy machine Chromium now and then opens nothing at the first key.
    private static async Task<IFileChooser> FileChooser(IPage page)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await page.RunAndWaitForFileChooserAsync(() => page.Keyboard.PressAsync("Enter"), new() { Timeout = 10_000 });
            }
            catch (TimeoutException) when (attempt < 2)
            {
            }
        }
    }

    [ChromiumFact]
    public async Task With_Chromium_errors_are_told_in_words_and_work_goes_on()
    {
        var scorer = new FakeScorer { BatchSize = 1 };
        await using var service = await RunningService.Start(scorer, new() { MaxBytes = 20_000, MaxRequests = 1 });
        var page = await Open(service, expectsErrors: true);
        var error = page.Locator("#error");
        await Send(page, "text.png", "no picture"u8.ToArray());
        await Assertions.Expect(error).ToContainTextAsync("The file is no image");
        await Send(page, "large.jpg", new byte[20_001]);
        await Assertions.Expect(error).ToContainTextAsync("more than the 20 kB");
        scorer.Close();
        var other = service.Detect(models.Jpeg(0));
        await service.WaitForRequests(1);
        await Send(page, "scene.jpg", models.Jpeg(0));
        await Assertions.Expect(error).ToContainTextAsync("Try again in");
        scorer.Open();
        await other;
        await page.Locator("#retry").ClickAsync();
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(1);
        await Assertions.Expect(error).ToBeHiddenAsync();
        await service.App.StopAsync();
        await Send(page, "scene.jpg", models.Jpeg(0));
        await Assertions.Expect(error).ToContainTextAsync("The service cannot be reached.");
    }

    [ChromiumFact]
    public async Task With_Chromium_the_page_asks_for_the_key()
    {
        await using var service = await RunningService.Start(new FakeScorer(), new() { ApiKey = "right" });
        var page = await Open(service, expectsErrors: true);
        await page.Locator("#key").FillAsync("wrong");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#error")).ToContainTextAsync("The key is not the service's.");
        await page.Locator("#key").FillAsync("right");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#key-form")).ToBeHiddenAsync();
        await Send(page, "scene.jpg", models.Jpeg(0));
        await Assertions.Expect(page.Locator(".box:visible")).ToHaveCountAsync(1);
    }

    [ChromiumTheory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(900, ColorScheme.Light)]
    [InlineData(1900, ColorScheme.Light)]
    [InlineData(1900, ColorScheme.Dark)]
    public async Task With_Chromium_nothing_is_wider_than_the_window_and_text_can_be_read(int width, ColorScheme scheme)
    {
        await using var service = await RunningService.Start(models.OfFiles);
        var page = await Open(service, width, scheme);
        await page.Locator("#file").SetInputFilesAsync(models.Picture(0, "scene.png"));
        await Assertions.Expect(page.Locator("#result")).ToBeVisibleAsync();
        await Slide(page, 0);
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var small = await page.EvaluateAsync<string[]>("""
            () => Array.from(document.querySelectorAll('body *')).filter(e => e.checkVisibility() && Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim())
                && parseFloat(getComputedStyle(e).fontSize) < 12).map(e => e.outerHTML)
            """);
        Assert.Empty(small);
        var low = await page.EvaluateAsync<string[]>("""
            () => {
                const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
                const light = c => {
                    const [r, g, b] = c.match(/[\d.]+/g).map(v => linear(v / 255));
                    return .2126 * r + .7152 * g + .0722 * b;
                };
                const ground = e => { const c = getComputedStyle(e).backgroundColor; return c !== 'rgba(0, 0, 0, 0)' || !e.parentElement ? c : ground(e.parentElement); };
                return Array.from(document.querySelectorAll('header *, #drop *, #side *')).filter(e => e.checkVisibility() && e.textContent.trim()).filter(e => {
                    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
                    return (a + .05) / (b + .05) < 4.5;
                }).map(e => e.outerHTML);
            }
            """);
        Assert.Empty(low);
        if (Environment.GetEnvironmentVariable("PSS_SCREENSHOTS") is { } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"page-{width}-{scheme}.png"), FullPage = true });
    }

    private static Task Send(IPage page, string name, byte[] content)
        => page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "image/jpeg", Buffer = content });

    private static Task Slide(IPage page, double value) => page.Locator("#threshold").FillAsync(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Opens the page; it may ask nothing of another host, and its console stays empty unless errors are expected.</summary>
    private async Task<IPage> Open(RunningService service, int width = 1200, ColorScheme scheme = ColorScheme.Light, bool expectsErrors = false)
    {
        var page = await chromium.Browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = scheme });
        page.SetDefaultTimeout(RunningChromium.Patience);
        page.Request += (_, request) =>
        {
            if (!service.Address.IsBaseOf(new(request.Url)) && new Uri(request.Url).Scheme is not ("blob" or "data"))
                _problems.Enqueue(request.Url);
        };
        page.Console += (_, message) =>
        {
            if (!expectsErrors)
                _problems.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _problems.Enqueue(error);
        await page.GotoAsync(service.Address.AbsoluteUri);
        await Assertions.Expect(page.Locator(expectsErrors ? "body" : "#model")).Not.ToBeEmptyAsync();
        return page;
    }
}
