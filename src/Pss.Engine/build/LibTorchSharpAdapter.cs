using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a copy of TorchSharp's native library that also loads where the C++ library is older than GCC 13's. The original asks for one function
/// of that version, which only initializes the standard streams; the copy asks for the function that has always done the same.
/// The copy runs on newer systems too. MSBuild compiles this file when a build needs it.
/// </summary>
public sealed class AdaptLibTorchSharp : Task
{
    /// <summary>The library as the package has it; never written to.</summary>
    [Required]
    public string Original { get; set; } = "";

    /// <summary>Where the copy goes.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>true: whatever this machine has; auto: where this machine's C++ library is too old.</summary>
    [Required]
    public string Mode { get; set; } = "";

    /// <summary>The file to deploy: <see cref="Target"/>, or nothing where the original serves.</summary>
    [Output]
    public string Adapted { get; set; } = "";

    public override bool Execute()
    {
        if (!new[] { "true", "auto" }.Contains(Mode, StringComparer.OrdinalIgnoreCase))
        {
            Log.LogError("PssAdaptLibTorchSharp is '{0}': set it to auto, true or false.", Mode);
            return false;
        }
        var always = string.Equals(Mode, "true", StringComparison.OrdinalIgnoreCase);
        var standardLibrary = always ? null : CppLibrary.Find();
        if (!always && (standardLibrary == null || CppLibrary.Has(standardLibrary, LibTorchSharp.NewVersion)))
            return true;
        if (File.Exists(Target) && File.GetLastWriteTimeUtc(Target) >= File.GetLastWriteTimeUtc(Original))
        {
            Adapted = Target;
            return true;
        }
        string problem;
        var bytes = File.ReadAllBytes(Original);
        var outcome = LibTorchSharp.Adapt(bytes, out problem);
        if (outcome == LibTorchSharp.Outcome.Unknown)
            Log.LogWarning("{0} cannot be adapted to older Linux systems: {1}. It is deployed as it is and needs a C++ library of GCC 13 or later (Ubuntu 24.04, Debian 13, RHEL 10). "
                + "TorchSharp 0.107.0 is the version this step knows; PssAdaptLibTorchSharp=false switches the step off.", Original, problem);
        if (outcome != LibTorchSharp.Outcome.Adapted)
            return true;
        try
        {
            Write(bytes);
        }
        catch (Exception fault) when (fault is IOException || fault is UnauthorizedAccessException)
        {
            Log.LogError("The adapted copy of TorchSharp's native library cannot be written to {0}: {1} Make the folder writable, or build with another one (--artifacts-path).", Target, fault.Message);
            return false;
        }
        Log.LogMessage(MessageImportance.High, always
            ? "Pss.Engine: adapted libLibTorchSharp.so to older Linux systems, as PssAdaptLibTorchSharp asks."
            : "Pss.Engine: adapted libLibTorchSharp.so to " + standardLibrary + ", which is older than GCC 13's (PssAdaptLibTorchSharp=false switches this off).");
        Adapted = Target;
        return true;
    }

    // Beside the target first: another build may be reading it, and a half-written file must never be deployed.
    private void Write(byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target));
        var temporary = Target + "." + Guid.NewGuid().ToString("n");
        File.WriteAllBytes(temporary, bytes);
        if (File.Exists(Target))
            File.Delete(Target);
        File.Move(temporary, Target);
    }
}

/// <summary>The C++ library of this machine.</summary>
internal static class CppLibrary
{
    private const string Name = "libstdc++.so.6";

    /// <summary>The file that this process has loaded, since .NET itself needs it; else the one in the usual places; null where there is none.</summary>
    public static string Find()
    {
        const string maps = "/proc/self/maps";
        var loaded = File.Exists(maps)
            ? File.ReadLines(maps).Where(line => line.Contains("/" + Name)).Select(line => line.Substring(line.IndexOf('/'))).FirstOrDefault(File.Exists)
            : null;
        return loaded ?? new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" }
            .Select(folder => folder + "/" + Name).FirstOrDefault(File.Exists);
    }

    public static bool Has(string library, string version)
        => Encoding.GetEncoding(28591).GetString(File.ReadAllBytes(library)).Contains("\0" + version + "\0");
}

/// <summary>The change to the library's dynamic symbols. Undefined symbols are in no hash table, so nothing else in the file moves.</summary>
internal static class LibTorchSharp
{
    public const string NewVersion = "GLIBCXX_3.4.32";
    private const string OldVersion = "GLIBCXX_3.4";
    private const string NewFunction = "_ZSt21ios_base_library_initv";
    private const string OldFunction = "_ZNSt8ios_base4InitC1Ev";

    public enum Outcome
    {
        Adapted,
        NotNeeded,
        Unknown,
    }

    /// <summary>Changes the bytes of the library in place, or says why it does not.</summary>
    public static Outcome Adapt(byte[] library, out string problem)
    {
        problem = "";
        try
        {
            return Adapt(new Elf(library), out problem);
        }
        catch (Exception fault) when (fault is InvalidDataException || fault is IndexOutOfRangeException || fault is ArgumentException || fault is OverflowException)
        {
            problem = "it is no ELF library for 64-bit processors, or it is damaged (" + fault.Message + ")";
            return Outcome.Unknown;
        }
    }

    private static Outcome Adapt(Elf elf, out string problem)
    {
        problem = "";
        var wanted = elf.NeededVersions().Where(version => version.Name == NewVersion).ToList();
        if (wanted.Count == 0)
            return Outcome.NotNeeded;
        var replacement = elf.NeededVersions().Where(version => version.Name == OldVersion && version.Library == wanted[0].Library).ToList();
        var symbols = elf.Symbols().Where(symbol => symbol.Version == wanted[0].Index).ToList();
        if (wanted.Count > 1 || replacement.Count != 1 || symbols.Count != 1 || symbols[0].Name != NewFunction || !symbols[0].Undefined)
        {
            problem = "it asks for more of " + NewVersion + " than " + NewFunction;
            return Outcome.Unknown;
        }
        var name = symbols[0].NameOffset;
        if (elf.Symbols().Count(symbol => symbol.NameOffset >= name && symbol.NameOffset <= name + NewFunction.Length) > 1)
        {
            problem = "other symbols share the name of " + NewFunction;
            return Outcome.Unknown;
        }
        elf.Rename(symbols[0], OldFunction);
        elf.Retarget(wanted[0], replacement[0]);
        return Outcome.Adapted;
    }
}

/// <summary>The dynamic symbols of a 64-bit little-endian ELF file and the versions of other libraries that they ask for.</summary>
internal sealed class Elf
{
    private const uint DynamicSymbols = 11;
    private const uint SymbolVersions = 0x6fffffff;
    private const uint VersionNeeds = 0x6ffffffe;
    private const int SymbolSize = 24;
    private readonly byte[] bytes;
    private readonly Section symbols;
    private readonly Section symbolVersions;
    private readonly Section needs;
    private readonly Section strings;

    public Elf(byte[] bytes)
    {
        this.bytes = bytes;
        if (bytes.Length < 64 || UInt(0) != 0x464c457f || bytes[4] != 2 || bytes[5] != 1)
            throw new InvalidDataException("its first bytes are others");
        (int table, int size, int count) = (checked((int)ULong(40)), UShort(58), UShort(60));
        var sections = Enumerable.Range(0, count).Select(i => new Section(UInt(table + i * size + 4), checked((int)ULong(table + i * size + 24)),
            checked((int)ULong(table + i * size + 32)), checked((int)UInt(table + i * size + 40)))).ToList();
        symbols = sections.SingleOrDefault(section => section.Kind == DynamicSymbols);
        symbolVersions = sections.SingleOrDefault(section => section.Kind == SymbolVersions);
        needs = sections.SingleOrDefault(section => section.Kind == VersionNeeds);
        if (symbols == null || symbolVersions == null || needs == null || symbols.Link != needs.Link)
            throw new InvalidDataException("it has no dynamic symbols with versions");
        strings = sections[symbols.Link];
    }

    public IEnumerable<Symbol> Symbols()
    {
        for (var i = 0; i < symbols.Size / SymbolSize; i++)
        {
            var at = symbols.Offset + i * SymbolSize;
            yield return new Symbol(Text(UInt(at)), UInt(at), UShort(symbolVersions.Offset + 2 * i), UShort(at + 6) == 0);
        }
    }

    public IEnumerable<NeededVersion> NeededVersions()
    {
        for (int library = needs.Offset, next = 1; next != 0; library += next)
        {
            next = checked((int)UInt(library + 12));
            var entry = library + checked((int)UInt(library + 8));
            for (var i = 0; i < UShort(library + 2); i++)
            {
                yield return new NeededVersion(Text(UInt(entry + 8)), Text(UInt(library + 4)), UShort(entry + 6), entry);
                entry += checked((int)UInt(entry + 12));
            }
        }
    }

    /// <summary>Writes a name that is no longer over a symbol's name.</summary>
    public void Rename(Symbol symbol, string name)
    {
        var at = strings.Offset + checked((int)symbol.NameOffset);
        Array.Clear(bytes, at, symbol.Name.Length);
        Encoding.ASCII.GetBytes(name).CopyTo(bytes, at);
    }

    /// <summary>Lets a needed version ask for another one: its hash and the place of its name.</summary>
    public void Retarget(NeededVersion version, NeededVersion other)
    {
        Array.Copy(bytes, other.Offset, bytes, version.Offset, 4);
        Array.Copy(bytes, other.Offset + 8, bytes, version.Offset + 8, 4);
    }

    private string Text(uint offset)
    {
        var start = strings.Offset + checked((int)offset);
        return Encoding.ASCII.GetString(bytes, start, Array.IndexOf(bytes, (byte)0, start) - start);
    }

    private int UShort(int at) => BitConverter.ToUInt16(bytes, at);

    private uint UInt(int at) => BitConverter.ToUInt32(bytes, at);

    private ulong ULong(int at) => BitConverter.ToUInt64(bytes, at);

    internal sealed class Section
    {
        public Section(uint kind, int offset, int size, int link)
        {
            (Kind, Offset, Size, Link) = (kind, offset, size, link);
        }

        public uint Kind { get; }

        public int Offset { get; }

        public int Size { get; }

        public int Link { get; }
    }

    internal sealed class Symbol
    {
        public Symbol(string name, uint nameOffset, int version, bool undefined)
        {
            (Name, NameOffset, Version, Undefined) = (name, nameOffset, version, undefined);
        }

        public string Name { get; }

        public uint NameOffset { get; }

        public int Version { get; }

        public bool Undefined { get; }
    }

    internal sealed class NeededVersion
    {
        public NeededVersion(string name, string library, int index, int offset)
        {
            (Name, Library, Index, Offset) = (name, library, index, offset);
        }

        public string Name { get; }

        public string Library { get; }

        public int Index { get; }

        public int Offset { get; }
    }
}
