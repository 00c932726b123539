using System.CommandLine;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.Tool;

/// <summary>The command report: an HTML page about a detector.</summary>
internal static class ReportCommand
{
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Annotations Annotations = new();
    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<FileInfo> Output = new("--output", "-o") { Description = "HTML file to write.", DefaultValueFactory = _ => new("report.html") };
    private static readonly Option<FileInfo?> Log = new("--log") { Description = "Log of the training (log.jsonl); by default the one beside the model, if any." };
    private static readonly Option<int> Pictures = new("--pictures") { Description = "Number of pictures to show.", DefaultValueFactory = _ => 12 };
    private static readonly Option<string> Title = new("--title") { Description = "Heading of the page.", DefaultValueFactory = _ => "FCOS_PSS" };

    public static Command Create()
    {
        Pictures.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--pictures must be at least 0.");
        });
        var command = new Command("report", "Writes a page with curves, errors and pictures.") { Model, Data, Output, Log, Pictures, Title, Device, Quiet, Json };
        foreach (var option in Annotations.Options)
            command.Add(option);
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = arguments.GetValue(Model)!;
        var detector = DetectorModel.Load(file.FullName);
        var history = History(arguments.GetValue(Log), file);
        var truth = Annotations.Read(arguments, arguments.GetValue(Data)!, detector.Classes);
        var page = arguments.GetValue(Output)!.FullName;
        var settings = history is null ? null : Path.Combine(Path.GetDirectoryName(history)!, RunSetting.FileName);
        Annotations.RequireOther(Output, page, arguments.GetValue(Data)!, truth, file.FullName, history, settings);
        var evaluation = Progress.Run(arguments.GetValue(Quiet) || arguments.GetValue(Json), "evaluation",
            progress => DetectorEvaluation.Run(detector, progress.Counting(truth), arguments.GetValue(Device), cancellationToken));
        new DetectorReport
        {
            Title = arguments.GetValue(Title)!,
            Model = detector,
            Truth = truth,
            Evaluation = evaluation,
            Log = history is null ? [] : TrainingProgress.ReadLog(history),
            Date = DateTimeOffset.UtcNow,
            Pictures = arguments.GetValue(Pictures),
            Settings = settings is null ? null : RunSetting.Read(settings),
            Device = arguments.GetValue(Device),
        }.Save(page);
        if (arguments.GetValue(Json))
            Common.WriteJson(new { report = page, endToEnd = Common.Metrics(evaluation.EndToEnd?.Summary), oneToMany = Common.Metrics(evaluation.OneToMany.Summary) });
        else
            Console.WriteLine(page);
        return ExitCode.Ok;
    }

    /// <summary>The log that was named, or the one beside the model; null, which is said, where there is none.</summary>
    private static string? History(FileInfo? log, FileInfo model)
    {
        if (log is not null)
            return log.Exists ? log.FullName : throw new ArgumentException($"--log {log} does not exist.");
        var beside = Path.Combine(model.DirectoryName!, TrainingProgress.LogFileName);
        if (File.Exists(beside))
            return beside;
        Console.Error.WriteLine($"There is no {TrainingProgress.LogFileName} beside the model: the report has no training curves. --log names one.");
        return null;
    }
}
