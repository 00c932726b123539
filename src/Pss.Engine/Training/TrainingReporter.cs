namespace Pss.Engine.Training;

/// <summary>Where a training reports its steps: to its caller, and in the log and the event file of its output folder.</summary>
/// <param name="folder">The output folder; null for none.</param>
/// <param name="tensorBoard">Whether there is an event file.</param>
/// <param name="progress">The caller; null for none.</param>
internal sealed class TrainingReporter(string? folder, bool tensorBoard, IProgress<TrainingProgress>? progress)
{
    public void Report(TrainingProgress report)
    {
        if (folder is not null)
            TrainingLog.Append(LogPath, report);
        if (folder is not null && tensorBoard)
            TensorBoardFile.Append(EventPath, report, DateTimeOffset.UtcNow);
        progress?.Report(report);
    }

    /// <summary>Leaves out of the files what lies behind a checkpoint: a resumed training reports it again.</summary>
    /// <param name="lastStep">The last step that stays; 0 begins the files anew.</param>
    public void Shorten(long lastStep)
    {
        if (folder is null)
            return;
        if (lastStep > 0)
        {
            TrainingLog.Shorten(LogPath, lastStep);
            TensorBoardFile.Shorten(EventPath, lastStep);
            return;
        }
        File.Delete(LogPath);
        File.Delete(EventPath);
    }

    private string LogPath => Path.Combine(folder!, TrainingLog.FileName);

    private string EventPath => Path.Combine(folder!, TensorBoardFile.FileName);
}
