using Pss.Engine.Data;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.MLNet;

/// <summary>The report that a training with validation rows ends with.</summary>
internal static class TrainingReport
{
    public const string FileName = "report.html";

    /// <summary>Evaluates the detector and writes the report into the output folder. What keeps it from being written is logged and costs no more: the training
    /// may have taken days.</summary>
    /// <param name="model">The trained detector.</param>
    /// <param name="recipe">How it was trained.</param>
    /// <param name="folder">The training's output folder, which has its log.</param>
    /// <param name="truth">The validation images.</param>
    /// <param name="log">Told of the file.</param>
    /// <param name="cancellationToken">Leaves the report out.</param>
    public static void Save(DetectorModel model, TrainingRecipe recipe, string folder, DetectionDataset truth, Log log, CancellationToken cancellationToken)
    {
        var (page, device) = (Path.Combine(folder, FileName), recipe.Training.Device);
        try
        {
            new DetectorReport
            {
                Title = Path.GetFileName(Path.GetFullPath(folder)),
                Model = model,
                Truth = truth,
                Evaluation = DetectorEvaluation.Run(model, truth, device, cancellationToken),
                Log = TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName)),
                Settings = DetectorReport.TrainingSettings(recipe.Training, recipe.Augmentation),
                Device = device,
                Date = DateTimeOffset.UtcNow,
            }.Save(page);
            log.Info($"The report is {page}.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException or OperationCanceledException)
        {
            log.Warning($"The report {page} was not written: {fault.Message}");
        }
    }
}
