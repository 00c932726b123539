using System.Globalization;
using System.Text.Json;
using Pss.Engine.Inference;
using Pss.Engine.Weights;

namespace Pss.Engine.Training;

/// <summary>
/// Everything a training needs to go on as if it had never stopped: weights, optimizer, and the position. What is drawn at random is a
/// function of seed, epoch and image, so that no generator has a state to keep.
/// </summary>
/// <param name="Epoch">The epoch to go on in, from 0.</param>
/// <param name="StepOfEpoch">Optimizer steps already done in it.</param>
/// <param name="Step">Optimizer steps done in all.</param>
/// <param name="Unreported">The report of an epoch's last step while its evaluation is still to come; otherwise null.</param>
/// <param name="Best">The epoch with the highest AP so far.</param>
internal sealed record TrainingCheckpoint(int Epoch, int StepOfEpoch, long Step, TrainingProgress? Unreported, BestEpoch Best)
{
    /// <summary>Where a training starts.</summary>
    public static TrainingCheckpoint Start { get; } = new(0, 0, 0, null, BestEpoch.None);

    /// <summary>The loss scale of the next step; null without one.</summary>
    public LossScale? LossScale { get; init; }

    /// <summary>Writes the file, whole or not at all. It is a detector's file too: <see cref="DetectorModel.Load(string)"/> reads it.</summary>
    public void Save(string path, DetectorModel model, TrainingState state, string fingerprint)
        => Safetensors.Write(path, model.ToFile(state.Beside(), new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["step_of_epoch"] = StepOfEpoch.ToString(CultureInfo.InvariantCulture),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["unreported"] = JsonSerializer.Serialize(Unreported),
            ["best_ap"] = Best.Ap.ToString("R", CultureInfo.InvariantCulture),
            ["best_epoch"] = Best.Epoch.ToString(CultureInfo.InvariantCulture),
            ["evaluations_since_best"] = Best.EvaluationsSince.ToString(CultureInfo.InvariantCulture),
            ["loss_scale"] = JsonSerializer.Serialize(LossScale),
            ["training"] = fingerprint,
        }));

    /// <summary>Reads the file into a training.</summary>
    /// <exception cref="InvalidOperationException">It belongs to a training with other options or classes.</exception>
    public static TrainingCheckpoint Load(string path, TrainingState state, string fingerprint, IReadOnlyList<string> classes)
    {
        var file = Safetensors.Read(path);
        var model = DetectorModel.FromFile(path, file);
        if (!file.Metadata.TryGetValue("training", out var there))
            throw new InvalidOperationException($"{path} is a detector and no checkpoint of a training: it cannot be resumed, but its weights can be where another training starts.");
        string[] differences =
        [
            .. TrainingFingerprint.DifferencesOfDetectors(OptionsJson.Write(model.Options), OptionsJson.Write(state.Network.Options)),
            .. TrainingFingerprint.DifferencesOfClasses(model.Classes, classes),
            .. TrainingFingerprint.Differences(there, fingerprint),
        ];
        if (differences.Length > 0)
        {
            throw new InvalidOperationException(
                $"{path} belongs to a training with other options or classes: {string.Join("; ", differences)}. Take the same ones to go on with it, or another output folder to start anew.");
        }
        state.Restore(file, model.Weights);
        var unreported = JsonSerializer.Deserialize<TrainingProgress>(file.Metadata.GetValueOrDefault("unreported", "null"));
        // Older versions did not count the evaluations.
        var best = new BestEpoch(
            double.Parse(file.Metadata.GetValueOrDefault("best_ap", "-1"), CultureInfo.InvariantCulture),
            (int)Number("best_epoch", "-1"), (int)Number("evaluations_since_best", "0"));
        return new((int)Number("epoch"), (int)Number("step_of_epoch"), Number("step"), unreported, best)
        {
            LossScale = JsonSerializer.Deserialize<LossScale>(file.Metadata.GetValueOrDefault("loss_scale", "null")),
        };

        long Number(string key, string? otherwise = null)
        {
            var text = file.Metadata.GetValueOrDefault(key) ?? otherwise ?? throw new WeightFileException(path, 0, $"it has no {key}");
            return long.Parse(text, CultureInfo.InvariantCulture);
        }
    }
}
