using System.Text.Json;

namespace Pss.Tool;

/// <summary>One option of a training as <see cref="TrainCommand"/> leaves it in its folder for <see cref="ReportCommand"/>.</summary>
internal sealed record RunSetting(string Name, string Value)
{
    public const string FileName = "settings.json";

    public static void Write(string folder, IEnumerable<(string Name, string Value)> settings)
        => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(settings.Select(setting => new RunSetting(setting.Name, setting.Value))));

    /// <summary>Reads a file of options; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file holds something else; the message names it.</exception>
    public static IReadOnlyList<(string Name, string Value)>? Read(string file)
    {
        try
        {
            return File.Exists(file) ? [.. JsonSerializer.Deserialize<RunSetting[]>(File.ReadAllText(file))!.Select(setting => (setting.Name, setting.Value))] : null;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file} is not a list of training options ({error.Message}); delete it, or train again", error);
        }
    }
}
