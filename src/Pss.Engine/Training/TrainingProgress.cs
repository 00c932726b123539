using System.Text.Json.Serialization;
using Pss.Engine.Inference;

namespace Pss.Engine.Training;

/// <summary>Progress of a training after an optimizer step.</summary>
/// <param name="Epoch">Current epoch, from 0.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Optimizer steps done, over all epochs.</param>
/// <param name="Steps">Optimizer steps in all.</param>
/// <param name="LearningRate">The rate of the step.</param>
/// <param name="Losses">Each loss by its name, and their weighted sum as "total".</param>
/// <param name="GradientNorm">L2 norm of the gradient before clipping; 0 for a step that Float16 left out because its gradient overflowed.</param>
/// <param name="ImagesPerSecond">Images trained a second, averaged over the recent steps.</param>
/// <param name="TimeLeft">Estimate of the time until the end, evaluations not counted.</param>
/// <param name="Evaluation">The validation result, on the last step of an epoch that was evaluated; otherwise null.</param>
public sealed record TrainingProgress(
    int Epoch, int Epochs, long Step, long Steps, double LearningRate, IReadOnlyDictionary<string, double> Losses, double GradientNorm,
    double ImagesPerSecond, TimeSpan TimeLeft, EpochEvaluation? Evaluation)
{
    /// <summary>Number format of the convolutions: see <see cref="TrainingOptions.Precision"/>.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
    public Precision Precision { get; init; }

    /// <summary>Images of one forward and backward pass; 0 in logs of earlier versions.</summary>
    public int BatchSize { get; init; }

    /// <summary>The name of the log in the output folder: JSON, one of these records a line, readable while it grows.</summary>
    public const string LogFileName = TrainingLog.FileName;

    /// <summary>Reads the log of a training; a last line that is not written to its end yet is left out.</summary>
    /// <param name="path">The file <see cref="LogFileName"/>.</param>
    public static IReadOnlyList<TrainingProgress> ReadLog(string path) => TrainingLog.Read(path);
}
