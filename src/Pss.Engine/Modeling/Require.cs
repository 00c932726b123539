using System.Globalization;

namespace Pss.Engine.Modeling;

/// <summary>Checks of options: the message names the property, its value and what is allowed.</summary>
internal static class Require
{
    public static void That(bool holds, string property, object? value, string allowed)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(property, string.Create(CultureInfo.InvariantCulture, $"{property} is {value}; it must be {allowed}."));
    }

    public static void Range(double value, double least, double most, string property) =>
        That(value >= least && value <= most, property, value, string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}"));
}
