using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsCheck;

namespace Pss.Engine.Tests;

/// <summary>Generators of damaged files, and what a reader must keep to when it is given one: it reads the file or throws what it documents, soon and
/// without much memory.</summary>
/// <remarks>CsCheck draws other files in each run. A failure prints the seed and the smallest file that it found; CsCheck_Seed repeats it, and
/// PSS_FUZZ_FILES=20000 reads that many in each test and appends the longest time and the most memory of a file to fuzz.txt beside the tests.</remarks>
internal static class Fuzz
{
    private const int UsualFiles = 250;
    private const long MostBytes = 256L << 20;
    private const string FilesVariable = "PSS_FUZZ_FILES";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <summary>Text that readers trip over.</summary>
    private static readonly string[] HostileTexts =
    [
        "NaN", "-Infinity", "1e999", "-1", "0", "99999999999999999999", "2147483648", "1e-320", "null", "true", "\"\"", "\"x\"", "[]", "{}", "\0", "\ud800", "\\ud800",
        "\\u0000", "../../etc/passwd", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>", "&b;", "&#0;", "<a>", "</object>", "*alias", "&anchor ", "!!tag ", ",", ":", "\n",
        "\"", "\t", "- ", "? ", "|", new('[', 5000), new('{', 300), "{\"a\":" + new string('[', 40), string.Concat(Enumerable.Repeat("<a>", 3000)), new('9', 400),
    ];

    private static readonly Gen<byte[]> Hostile = Gen.OneOf(HostileTexts).Select(Encoding.UTF8.GetBytes);

    private enum Change { SetByte, Remove, Repeat, Cut, Insert, ReplaceWord }

    /// <summary>A file with one to four places changed.</summary>
    public static Gen<byte[]> Mutated(byte[] file) =>
        Gen.Select(Gen.Enum<Change>(), Gen.Int[0, file.Length], Gen.Int[1, 40], Gen.Byte, Hostile).Array[1, 4].Select(edits =>
        {
            var bytes = file.ToList();
            foreach (var (change, at, length, value, text) in edits)
                if (bytes.Count > 0)
                    Apply(bytes, change, at % bytes.Count, Math.Min(length, bytes.Count - at % bytes.Count), value, text);
            return bytes.ToArray();
        });

    /// <summary>A text of up to 60 of these words.</summary>
    public static Gen<byte[]> Words(params string[] words) =>
        Gen.OneOf(Gen.OneOf(words), Gen.OneOf(HostileTexts)).Array[0, 60].Select(text => Encoding.UTF8.GetBytes(string.Concat(text)));

    /// <summary>A JSON document of these keys, with values of every kind.</summary>
    public static Gen<string> Json(params string[] keys) => Gen.Recursive<string>((depth, inner) =>
    {
        var scalar = Gen.OneOf(Gen.Int[-3, 50].Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            Gen.OneOf("\"a.png\"", "\"cat\"", "0.5", "1e999", "-0", "null", "true", "\"\"", "99999999999999999999", "\"\\u0000\"", "\"I64\"", "\"RECTANGLE\""));
        if (depth == 5)
            return scalar;
        var entry = Gen.Select(Gen.OneOf(keys), inner, (key, value) => $"\"{key}\":{value}");
        return Gen.Frequency(
            (depth == 0 ? 0 : 3, scalar),
            (2, inner.Array[0, 4].Select(items => $"[{string.Join(',', items)}]")),
            (4, entry.Array[0, 5].Select(items => $"{{{string.Join(',', items)}}}")));
    });

    /// <summary>Reads many files, each of which must be read or refused in the documented way; some must be refused.</summary>
    /// <param name="files">The files.</param>
    /// <param name="read">Reads one.</param>
    /// <param name="documented">Whether an exception is one that the reader documents and names the file.</param>
    /// <param name="test">The test, for the record.</param>
    public static void Check<T>(Gen<T> files, Action<T> read, Func<Exception, bool> documented, [CallerMemberName] string test = "")
    {
        var (refused, longest, most) = (0, TimeSpan.Zero, 0L);
        var asked = int.TryParse(Environment.GetEnvironmentVariable(FilesVariable), CultureInfo.InvariantCulture, out var number);
        // One thread: the tests of other classes run beside these.
        files.Sample(file =>
        {
            var start = Stopwatch.GetTimestamp();
            var reading = Task.Run(() => Allocated(() => read(file)));
            if (Task.WaitAny([reading], Longest) < 0)
                throw new TimeoutException($"The file was still being read after {Longest}.");
            var (fault, bytes) = reading.Result;
            if (fault is not null && !documented(fault))
                throw new InvalidOperationException($"The reader threw what it does not document, or did not name the file: {fault.Message}", fault);
            if (bytes > MostBytes)
                throw new InvalidOperationException($"The reader allocated {bytes >> 20} MB.");
            refused += fault is null ? 0 : 1;
            var elapsed = Stopwatch.GetElapsedTime(start);
            (longest, most) = (elapsed > longest ? elapsed : longest, Math.Max(most, bytes));
        }, iter: asked ? number : UsualFiles, threads: 1, print: Print);
        if (asked)
            File.AppendAllText(Path.Combine(AppContext.BaseDirectory, "fuzz.txt"), FormattableString.Invariant($"{test}: {number} files, {refused} refused, longest {longest.TotalMilliseconds:F0} ms, most {most / 1e6:F1} MB\n"));
        Assert.True(refused > 0, "Every file was read: they are not damaged.");
    }

    private static (Exception? Fault, long Bytes) Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exception? fault = null;
        try
        {
            action();
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }
        return (fault, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Print<T>(T file) => file switch
    {
        byte[] bytes => $"base64 {Convert.ToBase64String(bytes)}",
        ITuple parts => string.Join(", ", Enumerable.Range(0, parts.Length).Select(i => Print(parts[i]))),
        _ => $"{file}",
    };

    private static void Apply(List<byte> bytes, Change change, int at, int length, byte value, byte[] text)
    {
        switch (change)
        {
            case Change.SetByte:
                bytes[at] = value;
                break;
            case Change.Remove:
                bytes.RemoveRange(at, length);
                break;
            case Change.Repeat:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case Change.Cut:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case Change.Insert:
                bytes.InsertRange(at, text);
                break;
            default:
                ReplaceWord(bytes, at, text);
                break;
        }
    }

    /// <summary>Puts a text in place of the number or word at a position or after it.</summary>
    private static void ReplaceWord(List<byte> bytes, int at, byte[] text)
    {
        while (at < bytes.Count && !IsInWord(at))
            at++;
        while (at > 0 && IsInWord(at - 1))
            at--;
        var end = at;
        while (IsInWord(end))
            end++;
        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, text);

        bool IsInWord(int i) => i < bytes.Count && (char.IsAsciiLetterOrDigit((char)bytes[i]) || bytes[i] is (byte)'.' or (byte)'-');
    }
}
