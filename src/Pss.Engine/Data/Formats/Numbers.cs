using System.Globalization;

namespace Pss.Engine.Data.Formats;

/// <summary>Numbers as annotation files write them.</summary>
internal static class Numbers
{
    /// <summary>Parses a finite number with a decimal point, in any common form: 1, 1.0, 1e+00.</summary>
    public static bool TryParse(string? text, out double number)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>Parses a whole number from 0 up, 1.000e+00 included.</summary>
    public static bool TryParseIndex(string? text, out int number)
    {
        var isWhole = TryParse(text, out var value) && value >= 0 && value <= int.MaxValue && value == Math.Floor(value);
        number = isWhole ? (int)value : -1;
        return isWhole;
    }

    /// <summary>What is wrong with a text that is not a number, and the cure.</summary>
    public static string Problem(string? text) => text is null ? "is missing"
        : text.Contains(',') && double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? $"'{text}' is not a number: write it with a decimal point, as in {text.Replace(',', '.')}"
            : $"'{text}' is not a finite number";
}
