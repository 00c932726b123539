using System.Globalization;
using System.Text;
using System.Text.Json;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Inference;

namespace Pss.Engine.Training;

/// <summary>What must be the same for a resumed training to end in the same weights: training options, augmentation, and the number of images.</summary>
internal static class TrainingFingerprint
{
    private const string Decay = "Schedule.Decay";
    private const string Epochs = "Schedule.Epochs";

    // A training may go on for more epochs than it began with, unless the rate of the steps done would have been another.
    private static readonly string[] MayChange = [Epochs, "Schedule.DecayEpochs"];

    // With the number of epochs, a recipe also changes where its gradients are clipped.
    private static readonly string[] MayChangeWithEpochs = [.. MayChange, nameof(TrainingOptions.GradientClip)];

    /// <summary>The fingerprint as text: two JSON objects and a number.</summary>
    public static string Create(TrainingOptions options, AugmentationOptions augmentation, int images)
        => OptionsJson.Write(options with { Device = null, Workers = 1, OutputFolder = null, Resume = false, EvaluateEvery = 0, CheckpointEvery = 0 })
            + OptionsJson.Write(augmentation) + images;

    /// <summary>The options that differ and matter, each as "NAME was A and is B"; empty if the training can go on.</summary>
    /// <param name="there">The fingerprint of the checkpoint.</param>
    /// <param name="here">The fingerprint of the training that goes on.</param>
    public static IReadOnlyList<string> Differences(string there, string here)
    {
        var (before, now) = (Values(there), Values(here));
        // Options that a checkpoint of an older version lacks were what they are by default.
        foreach (var (name, value) in Values(Create(new() { Precision = Precision.Float32 }, new(), 0)))
            before.TryAdd(name, value);
        var dependsOnLength = now[Decay] != OptionsJson.Write(LearningRateDecay.Steps);
        string[] mayChange = dependsOnLength ? [] : before[Epochs] == now[Epochs] ? MayChange : MayChangeWithEpochs;
        return [.. before.Where(value => now.TryGetValue(value.Key, out var other) && other != value.Value && !mayChange.Contains(value.Key))
            .Select(value => $"{value.Key} was {value.Value} and is {now[value.Key]}{(dependsOnLength && value.Key == Epochs ? ", which changes the rate of every step" : "")}")];
    }

    /// <summary>Precision and batch size of a training.</summary>
    /// <param name="fingerprint">The fingerprint of its checkpoint; one of a version without a choice of precision trained in Float32.</param>
    public static (Precision Precision, int BatchSize) Settled(string fingerprint)
    {
        var values = Values(fingerprint);
        return (values.TryGetValue(nameof(TrainingOptions.Precision), out var precision) ? Enum.Parse<Precision>(precision.Trim('"')) : Precision.Float32,
            int.Parse(values[nameof(TrainingOptions.BatchSize)], CultureInfo.InvariantCulture));
    }

    /// <summary>The options of a detector that differ, as <see cref="Differences"/>.</summary>
    public static IReadOnlyList<string> DifferencesOfDetectors(string there, string here)
    {
        var (before, now) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        Flatten(JsonDocument.Parse(there).RootElement, "", before);
        Flatten(JsonDocument.Parse(here).RootElement, "", now);
        return [.. before.Keys.Union(now.Keys).Where(key => before.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Select(key => $"{key} was {before.GetValueOrDefault(key, "not there")} and is {now.GetValueOrDefault(key, "not there")}")];
    }

    /// <summary>The classes that differ, as <see cref="Differences"/>: the first few of them.</summary>
    public static IReadOnlyList<string> DifferencesOfClasses(IReadOnlyList<string> there, IReadOnlyList<string> here)
    {
        const int Shown = 5;
        string[] differences =
        [
            .. Enumerable.Range(0, Math.Max(there.Count, here.Count)).Where(label => there.ElementAtOrDefault(label) != here.ElementAtOrDefault(label))
                .Select(label => $"class {label + 1} was {Name(there, label)} and is {Name(here, label)}"),
        ];
        return differences.Length <= Shown ? differences : [.. differences.Take(Shown), $"{differences.Length - Shown} more classes differ"];

        static string Name(IReadOnlyList<string> names, int label) => names.ElementAtOrDefault(label) is { } name ? $"'{name}'" : "not there";
    }

    private static Dictionary<string, string> Values(string fingerprint)
    {
        var values = new Dictionary<string, string>();
        var bytes = Encoding.UTF8.GetBytes(fingerprint);
        for (var at = 0; at < bytes.Length;)
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(at), isFinalBlock: true, default);
            using var part = JsonDocument.ParseValue(ref reader);
            Flatten(part.RootElement, part.RootElement.ValueKind == JsonValueKind.Number ? "number of training images" : "", values);
            at += (int)reader.BytesConsumed;
        }
        return values;
    }

    private static void Flatten(JsonElement element, string name, Dictionary<string, string> values)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            values[name] = element.GetRawText();
            return;
        }
        foreach (var property in element.EnumerateObject())
            Flatten(property.Value, name.Length == 0 ? property.Name : $"{name}.{property.Name}", values);
    }
}
