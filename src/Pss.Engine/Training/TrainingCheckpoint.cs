using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Modeling;
using Pss.Engine.Weights;
using TorchSharp;
using TorchSharp.Modules;

namespace Pss.Engine.Training;

/// <summary>
/// Everything a training needs to go on as if it had never stopped: weights, optimizer, and the position. What is drawn at random is a
/// function of seed, epoch and image, so that no generator has a state to keep.
/// </summary>
/// <param name="Epoch">The epoch to go on in, from 0.</param>
/// <param name="StepOfEpoch">Optimizer steps already done in it.</param>
/// <param name="Step">Optimizer steps done in all.</param>
internal sealed record TrainingCheckpoint(int Epoch, int StepOfEpoch, long Step)
{
    public const string FileName = "checkpoint.safetensors";
    private const string OptimizerArray = "optimizer:state";

    /// <summary>Writes the file, whole or not at all. It is a detector's file too: <see cref="DetectorModel.Load"/> reads it.</summary>
    public void Save(string path, DetectorModel model, SGD optimizer, string fingerprint)
    {
        using var state = new MemoryStream();
        using (var writer = new BinaryWriter(state))
            optimizer.save_state_dict(writer);
        var array = new NamedTensor(OptimizerArray, WeightDtype.UInt8, [state.ToArray().Length], state.ToArray());
        Safetensors.Write(path, model.ToFile([array], new Dictionary<string, string>
        {
            ["epoch"] = Epoch.ToString(CultureInfo.InvariantCulture),
            ["step_of_epoch"] = StepOfEpoch.ToString(CultureInfo.InvariantCulture),
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["training"] = fingerprint,
        }));
    }

    /// <summary>Reads the file into network and optimizer.</summary>
    /// <exception cref="InvalidOperationException">It belongs to a training with other options.</exception>
    public static TrainingCheckpoint Load(string path, DetectorNetwork network, SGD optimizer, string fingerprint)
    {
        var file = Safetensors.Read(path);
        var model = DetectorModel.FromFile(path, file);
        if (file.Metadata.GetValueOrDefault("training") != fingerprint || OptionsJson.Write(model.Options) != OptionsJson.Write(network.Options))
        {
            throw new InvalidOperationException(
                $"{path} belongs to a training with other options: take the same options to go on with it, or another output folder to start anew."
                + $" There: {file.Metadata.GetValueOrDefault("training")}. Here: {fingerprint}.");
        }
        ModuleWeights.Load(network, model.Weights, path);
        using var state = new BinaryReader(new MemoryStream(file[OptimizerArray].Data.ToArray()));
        optimizer.load_state_dict(state);
        return new(Number("epoch"), Number("step_of_epoch"), Number("step"));

        int Number(string key) => int.Parse(file.Metadata[key], CultureInfo.InvariantCulture);
    }
}
