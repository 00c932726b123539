using Microsoft.Playwright;

namespace DetectionService.Tests;

/// <summary>A browser for the tests of a class; none where the machine has no Chromium.</summary>
public sealed class RunningChromium : IAsyncLifetime
{
    /// <summary>Milliseconds to wait for the page on a busy machine.</summary>
    public const float Patience = 30_000;

    private IPlaywright? _playwright;

    public IBrowser? Browser { get; private set; }

    public async Task InitializeAsync()
    {
        if (Pss.Engine.Tests.Reports.Browser.Path is not { } path)
            return;
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
    }

    public async Task DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
