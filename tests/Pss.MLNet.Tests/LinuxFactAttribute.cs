
namespace Pss.MLNet.Tests;

/// <summary>A test of libraries as Linux on x64 has them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(bool olderThanGcc13 = false)
    {
        if (!OperatingSystem.IsLinux())
            Skip = "The libraries of Linux on x64 are tested.";
        else if (olderThanGcc13 && !IsOlder())
            Skip = "This system's C++ library is GCC 13's or later, which loads TorchSharp's library as it is.";
    }

    // .NET itself has loaded it.
    private static bool IsOlder() => File.ReadLines("/proc/self/maps")
        .Where(line => line.EndsWith("/libstdc++.so.6", StringComparison.Ordinal) || line.Contains("/libstdc++.so.6.")).Select(line => line[line.IndexOf('/')..]).Distinct()
        .All(path => File.ReadAllBytes(path).AsSpan().IndexOf("GLIBCXX_3.4.32\0"u8) < 0);
}
