using System.Text.Json;

namespace Pss.Engine.Training;

/// <summary>The log of a training: JSON, one object a line, readable while it grows.</summary>
public static class TrainingLog
{
    /// <summary>The name of the log in the output folder.</summary>
    public const string FileName = "log.jsonl";

    /// <summary>Appends a step. A resumed training repeats the steps behind its checkpoint; <see cref="Read"/> keeps the later ones.</summary>
    internal static void Append(string path, TrainingProgress progress)
        => File.AppendAllText(path, JsonSerializer.Serialize(progress) + "\n");

    /// <summary>Reads a log; of a step written twice the later line counts, and a last line cut short is left out.</summary>
    /// <param name="path">The file.</param>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        var steps = new SortedDictionary<long, TrainingProgress>();
        foreach (var line in File.ReadLines(path))
        {
            try
            {
                if (JsonSerializer.Deserialize<TrainingProgress>(line) is { } progress)
                    steps[progress.Step] = progress;
            }
            catch (JsonException) when (!line.EndsWith('}'))
            {
            }
        }
        return [.. steps.Values];
    }
}
