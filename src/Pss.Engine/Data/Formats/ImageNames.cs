namespace Pss.Engine.Data.Formats;

/// <summary>The file names that a name in an annotation file may stand for. Labeling tools write names as they are on the computer or server where the labeling
/// was done: with backslashes, as absolute paths, percent-encoded, or as the address of an upload.</summary>
internal static class ImageNames
{
    /// <summary>The name itself, then its other spellings, most literal first.</summary>
    public static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        var slashes = name.Replace('\\', '/');
        yield return slashes;
        yield return Uri.UnescapeDataString(name);
        var decoded = Uri.UnescapeDataString(slashes);
        yield return decoded;
        // Label Studio: /data/local-files/?d=folder/a.jpg
        if (decoded.IndexOf("?d=", StringComparison.Ordinal) is var at and >= 0)
            yield return decoded[(at + 3)..].TrimStart('/');
    }

    /// <summary>The name without folders, of any spelling.</summary>
    public static string Bare(string name) => Spellings(name).Last().Split('/', '\\')[^1];

    /// <summary>A name without the prefix of eight hexadecimal digits and a hyphen that Label Studio gives to uploads; null if it has none.</summary>
    public static string? WithoutUploadPrefix(string bare) =>
        bare.Length > 9 && bare[8] == '-' && bare.AsSpan(0, 8).IndexOfAnyExcept("0123456789abcdef") < 0 ? bare[9..] : null;
}
