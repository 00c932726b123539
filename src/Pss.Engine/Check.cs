using System.Numerics;
using System.Runtime.CompilerServices;

namespace Pss.Engine;

/// <summary>Checks of option values, with messages that name property, value and range.</summary>
internal static class Check
{
    public static void AtLeast<T>(T value, T minimum, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : INumber<T>
    {
        if (!(value >= minimum))
            throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} must be at least {minimum}."));
    }

    public static void Within<T>(T value, T minimum, T maximum, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : INumber<T>
    {
        if (!(value >= minimum && value <= maximum))
            throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} must be from {minimum} to {maximum}."));
    }

    public static void Positive<T>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : INumber<T>
    {
        if (!(value > T.Zero) || T.IsInfinity(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive and finite.");
    }

    public static void That(bool holds, string name, object? value, string allowed)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {allowed}.");
    }
}
