using System.Text;
using System.Text.Json;

namespace Pss.Engine.Training;

/// <summary>The log of a training: JSON, one object a line, readable while it grows.</summary>
internal static class TrainingLog
{
    /// <summary>The name of the log in the output folder.</summary>
    public const string FileName = "log.jsonl";

    internal static void Append(string path, TrainingProgress progress)
        => File.AppendAllText(path, JsonSerializer.Serialize(progress) + "\n");

    /// <summary>Leaves out what lies behind a checkpoint: a resumed training reports it again.</summary>
    internal static void Shorten(string path, long lastStep)
    {
        if (!File.Exists(path))
            return;
        var kept = Read(path).Where(progress => progress.Step <= lastStep).Select(progress => JsonSerializer.Serialize(progress) + "\n");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(kept))));
    }

    /// <summary>Reads a log; a last line that is not written to its end yet is left out.</summary>
    /// <param name="path">The file.</param>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        var text = File.ReadAllText(path);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<TrainingProgress>(line)!)];
    }
}
