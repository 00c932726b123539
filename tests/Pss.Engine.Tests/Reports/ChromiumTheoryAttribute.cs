namespace Pss.Engine.Tests.Reports;

/// <summary>A theory that needs a browser; skipped with its reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumTheoryAttribute : TheoryAttribute
{
    public ChromiumTheoryAttribute()
    {
        if (Browser.Path is null)
            Skip = "This machine has no Chromium.";
    }
}
