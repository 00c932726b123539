namespace Pss.Engine.Tests.Reports;

/// <summary>A fact that needs a browser; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Browser.Path is null)
            Skip = "This machine has no Chromium.";
    }
}
