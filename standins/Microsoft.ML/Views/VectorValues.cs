using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>What can be done with a value of unknown type, vectors included.</summary>
internal static class VectorValues
{
    public delegate void Copier<T>(T from, ref T to);

    /// <summary>Copies a value so that it shares no memory that is written again.</summary>
    public static Copier<T> CopierOf<T>() => typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(VBuffer<>)
        ? typeof(VectorValues).GetMethod(nameof(CopyVector), BindingFlags.Static | BindingFlags.NonPublic)
            .MakeGenericMethod(typeof(T).GetGenericArguments()).CreateDelegate<Copier<T>>()
        : (T from, ref T to) => to = from;

    private static void CopyVector<T>(VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to);
}
