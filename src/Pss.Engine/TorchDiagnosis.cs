using System.Runtime.InteropServices;
using System.Text;

namespace Pss.Engine;

/// <summary>Finds out why libtorch did not load. Runs only if it did not.</summary>
internal static class TorchDiagnosis
{
    private const string CpuPackages = "libtorch-cpu-linux-x64, libtorch-cpu-win-x64 or libtorch-cpu-osx-arm64 (TorchSharp-cpu brings all of them)";
    private const string Packages = $"in the program's project reference the package of the system that it runs on: {CpuPackages}, or TorchSharp-cuda-linux or TorchSharp-cuda-windows for NVIDIA GPUs.";
    private static readonly string[] Systems = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];

    private static string Binding => OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";

    private static string Library => OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    /// <summary>The cause and what to do.</summary>
    public static string Explain(Exception fault)
    {
        var system = $"{(OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux")}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        if (!Systems.Contains(system))
            return $"TorchSharp has no native library for {system}: it runs on {string.Join(", ", Systems)}.";
        if (Find(Binding) is not { } binding)
            return $"TorchSharp's native library {Binding} is in no folder of the program ({string.Join(", ", Folders())}): deploy the whole output folder of a build, with its folder 'runtimes'.";
        if (Find(Library) is not { } library)
            return $"libtorch is missing: {Library} is in no folder of the program ({string.Join(", ", Folders())}); {Packages}";
        return (OperatingSystem.IsLinux() ? OnLinux(binding, library) : null)
            ?? $"libtorch does not load: {Reason(binding, fault)} {(OperatingSystem.IsWindows() ? "Install the Visual C++ Redistributable, and" : "Deploy all files of the libtorch package;")} {Packages}";
    }

    private static string? OnLinux(string binding, string library)
    {
        foreach (var file in (string[])[library, binding])
        {
            if (SharedLibrary.Read(file)?.Processor is var processor && processor != RuntimeInformation.ProcessArchitecture)
                return $"{file} is {(processor is null ? "damaged or made for another system" : $"made for {processor}")}, this process needs {RuntimeInformation.ProcessArchitecture}: {Packages}";
        }
        foreach (var file in (string[])[library, binding])
        {
            var content = SharedLibrary.Read(file)!;
            foreach (var (needed, version) in content.Versions)
            {
                if (Loaded(needed) is { } path && !Has(path, version))
                    return TooOld(file, needed, version, path);
            }
            if (content.Needed.FirstOrDefault(name => !File.Exists(Path.Combine(Path.GetDirectoryName(file)!, name)) && Find(name) is null && !NativeLibrary.TryLoad(name, out _)) is { } missing)
                return Missing(file, missing);
        }
        return null;
    }

    private static string TooOld(string file, string needed, string version, string path)
    {
        var cure = needed.StartsWith("libstdc++", StringComparison.Ordinal)
            ? "build the program on this system or with the property PssAdaptLibTorchSharp=true (dotnet build -p:PssAdaptLibTorchSharp=true), or run it on a Linux with GCC 13's C++ library (Ubuntu 24.04, Debian 13, RHEL 10)."
            : "run the program on a newer Linux.";
        return $"This system is too old for {file}, which needs {version} of {needed}, newer than {path}: {cure}";
    }

    private static string Missing(string file, string missing)
    {
        var install = missing.StartsWith("libgomp", StringComparison.Ordinal)
            ? ", or install GCC's OpenMP library (apt-get install libgomp1, dnf install libgomp)"
            : "";
        return $"{file} needs {missing}, which is neither beside it nor on this system: deploy all files of the libtorch package{install}.";
    }

    /// <summary>The file from which this process loaded a library; its name may have a longer version suffix.</summary>
    private static string? Loaded(string name) => File.ReadLines("/proc/self/maps")
        .Where(line => line.EndsWith('/' + name, StringComparison.Ordinal) || line.Contains($"/{name}.", StringComparison.Ordinal))
        .Select(line => line[line.IndexOf('/')..]).FirstOrDefault(File.Exists);

    // Linkers may store a name as the end of a longer one; names end with a zero.
    private static bool Has(string library, string version)
        => File.ReadAllBytes(library).AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{version}\0")) >= 0;

    private static string Reason(string binding, Exception fault)
    {
        try
        {
            NativeLibrary.Load(binding);
        }
        catch (Exception reason) when (reason is DllNotFoundException or BadImageFormatException)
        {
            return reason.Message;
        }
        return fault.GetBaseException().Message;
    }

    private static string? Find(string file) => Folders().Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Folders()
    {
        var system = Environment.GetEnvironmentVariable(OperatingSystem.IsWindows() ? "PATH" : "LD_LIBRARY_PATH");
        return new[] { AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string, AppContext.BaseDirectory, system }
            .SelectMany(folders => (folders ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Select(folder => folder.TrimEnd(Path.DirectorySeparatorChar)).Distinct();
    }
}
