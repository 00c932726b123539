using System.Globalization;
using System.Text.Json;
using Pss.Engine.Detectors;
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
/// <param name="BestAp">The highest AP of the evaluations so far; -1 without one.</param>
internal sealed record TrainingCheckpoint(int Epoch, int StepOfEpoch, long Step, TrainingProgress? Unreported, double BestAp = -1)
{
    public const string FileName = "checkpoint.safetensors";

    /// <summary>The loss scale of the next step; null without one.</summary>
    public LossScale? LossScale { get; init; }

    /// <summary>Writes the file, whole or not at all. It is a detector's file too: <see cref="DetectorModel.Load"/> reads it.</summary>
    public void Save(string path, DetectorModel model, SgdOptimizer optimizer, string fingerprint)
    {
        var momentum = optimizer.Velocities
            .Select((velocity, i) => velocity is not null ? NetworkWeights.ToNamed(MomentumName(i), velocity) : null).OfType<NamedTensor>();
        Safetensors.Write(path, model.ToFile(momentum, new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["step_of_epoch"] = StepOfEpoch.ToString(CultureInfo.InvariantCulture),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["unreported"] = JsonSerializer.Serialize(Unreported),
            ["best_ap"] = BestAp.ToString("R", CultureInfo.InvariantCulture),
            ["loss_scale"] = JsonSerializer.Serialize(LossScale),
            ["training"] = fingerprint,
        }));
    }

    /// <summary>Reads the file into network and optimizer.</summary>
    /// <exception cref="InvalidOperationException">It belongs to a training with other options.</exception>
    public static TrainingCheckpoint Load(string path, DenseDetector network, SgdOptimizer optimizer, string fingerprint)
    {
        var file = Safetensors.Read(path);
        var model = DetectorModel.FromFile(path, file);
        if (!file.Metadata.TryGetValue("training", out var there))
            throw new InvalidOperationException($"{path} is a detector and no checkpoint of a training: it cannot be resumed, but its weights can be where another training starts.");
        string[] differences =
        [
            .. TrainingFingerprint.DifferencesOfDetectors(OptionsJson.Write(model.Options), OptionsJson.Write(network.Options)),
            .. TrainingFingerprint.Differences(there, fingerprint),
        ];
        if (differences.Length > 0)
        {
            throw new InvalidOperationException(
                $"{path} belongs to a training with other options: {string.Join("; ", differences)}. Take the same options to go on with it, or another output folder to start anew.");
        }
        NetworkWeights.Load(network, model.Weights);
        using var scope = TorchSharp.torch.NewDisposeScope();
        for (var i = 0; i < optimizer.Velocities.Count; i++)
        {
            if (file.Find(MomentumName(i)) is { } momentum)
                optimizer.Restore(i, NetworkWeights.ToTensor(momentum).to(network.parameters().First().device));
        }
        return new((int)Number("epoch"), (int)Number("step_of_epoch"), Number("step"), JsonSerializer.Deserialize<TrainingProgress>(file.Metadata.GetValueOrDefault("unreported", "null")),
            double.Parse(file.Metadata.GetValueOrDefault("best_ap", "-1"), CultureInfo.InvariantCulture))
        {
            LossScale = JsonSerializer.Deserialize<LossScale>(file.Metadata.GetValueOrDefault("loss_scale", "null")),
        };

        long Number(string key) => long.Parse(file.Metadata[key], CultureInfo.InvariantCulture);
    }

    private static string MomentumName(int parameter) => $"optimizer:{parameter}";
}
