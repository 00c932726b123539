using System.CommandLine;

namespace Pss.Tool;

/// <summary>Refuses outputs that would overwrite what the command reads.</summary>
internal static class OutputCheck
{
    private static readonly StringComparer Comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>Refuses a path that is a folder, or one of the files or folders that the command reads.</summary>
    /// <param name="option">The option that names the output.</param>
    /// <param name="output">The path; null writes nothing.</param>
    /// <param name="inputs">What the command reads.</param>
    /// <exception cref="ArgumentException">It is one of them.</exception>
    public static void RequireFile(Option option, string? output, params IEnumerable<string?> inputs)
    {
        RequireOther(option, output, inputs);
        if (Directory.Exists(output))
            throw new ArgumentException($"{option.Name} {output} is a folder: name a file in it.");
    }

    /// <summary>Refuses a path that is one of the files or folders that the command reads.</summary>
    public static void RequireOther(Option option, string? output, params IEnumerable<string?> inputs)
    {
        // What does not exist cannot be read.
        if (!Path.Exists(output))
            return;
        var real = Real(output);
        if (inputs.FirstOrDefault(input => input is not null && Comparer.Equals(Real(input), real)) is not null)
            throw new ArgumentException($"{option.Name} {output} would overwrite what this command reads: take another path.");
    }

    /// <summary>Refuses a folder that holds one of the files that the command reads, and a file.</summary>
    public static void RequireOtherFolder(Option option, string folder, IEnumerable<string> inputs)
    {
        if (File.Exists(folder))
            throw new ArgumentException($"{option.Name} {folder} is a file: name a folder.");
        var real = Real(folder);
        // The folder of a link, and that of its target.
        if (inputs.FirstOrDefault(input => Comparer.Equals(Real(FolderOf(Path.GetFullPath(input))), real) || Comparer.Equals(FolderOf(Real(input)), real)) is { } input)
            throw new ArgumentException($"{option.Name} {folder} is the folder of {Path.GetFileName(input)}, which this command reads and would overwrite: take another folder.");
    }

    /// <summary>Whether a file is in a folder or in one below it.</summary>
    public static bool IsInside(string file, string folder)
    {
        var real = Real(folder);
        for (var parent = Path.GetDirectoryName(Real(file)); parent is not null; parent = Path.GetDirectoryName(parent))
            if (Comparer.Equals(parent, real))
                return true;
        return false;
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file) ?? file;

    /// <summary>The full path without symbolic links.</summary>
    private static string Real(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var target = Directory.Exists(path) ? Directory.ResolveLinkTarget(path, returnFinalTarget: true)
            : File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true) : null;
        if (target is not null)
            return Real(target.FullName);
        return Path.GetDirectoryName(path) is { } parent ? Path.Combine(Real(parent), Path.GetFileName(path)) : path;
    }
}
