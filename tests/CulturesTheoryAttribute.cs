using System.Globalization;

namespace Pss.Tests;

/// <summary>Tests that set the culture of all threads: nothing else may run beside them.</summary>
[CollectionDefinition(nameof(Cultures), DisableParallelization = true)]
public sealed class Cultures;

/// <summary>A test that runs in cultures whose numbers or letters differ from the invariant ones': decimal comma, dotless i, another minus sign.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CulturesTheoryAttribute : TheoryAttribute
{
    public CulturesTheoryAttribute()
    {
        var missing = Names.Where(name => !IsThere(name)).ToArray();
        if (missing.Length > 0)
            Skip = $"This system has no data of {string.Join(", ", missing)} (it lacks ICU, or runs in invariant globalization).";
    }

    /// <summary>The cultures.</summary>
    public static string[] Names { get; } = ["de-DE", "tr-TR", "fa-IR"];

    /// <summary>The cultures, a row each.</summary>
    public static TheoryData<string> Rows => [.. Names];

    /// <summary>Does work in a culture, which the threads that it starts have too.</summary>
    public static T In<T>(string culture, Func<T> work)
    {
        var (own, others) = (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture);
        try
        {
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            return work();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture) = (own, others);
        }
    }

    private static bool IsThere(string name)
    {
        try
        {
            var culture = CultureInfo.GetCultureInfo(name, predefinedOnly: true);
            return (-1.5).ToString(culture) != "-1.5" || "i".ToUpper(culture) != "I";
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }
}
