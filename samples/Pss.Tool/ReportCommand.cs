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
    private static readonly Option<string?> Split = Common.Split(), Images = Common.Images(), Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> SkipInvalid = Common.SkipInvalid(), Quiet = Common.Quiet(), Json = Common.Json();
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
        var command = new Command("report", "Writes a page with curves, errors and pictures.")
        {
            Model, Data, Split, Images, SkipInvalid, MaxPixels, Output, Log, Pictures, Title, Device, Quiet, Json,
        };
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = arguments.GetValue(Model)!;
        var detector = DetectorModel.Load(file.FullName);
        var truth = Common.Read(arguments.GetValue(Data)!, arguments.GetValue(Split), arguments.GetValue(Images), arguments.GetValue(SkipInvalid), detector.Classes,
            arguments.GetValue(MaxPixels));
        var history = arguments.GetValue(Log)?.FullName ?? Path.Combine(file.DirectoryName!, TrainingProgress.LogFileName);
        var evaluation = Common.WithProgress(arguments.GetValue(Quiet) || arguments.GetValue(Json), $"{truth.Images.Count} images",
            (bar, _) => DetectorEvaluation.Run(detector, Common.WithProgress(truth, bar), arguments.GetValue(Device), cancellationToken));
        var page = arguments.GetValue(Output)!.FullName;
        new DetectorReport
        {
            Title = arguments.GetValue(Title)!,
            Model = detector,
            Truth = truth,
            Evaluation = evaluation,
            Log = File.Exists(history) ? TrainingProgress.ReadLog(history) : [],
            Date = DateTimeOffset.UtcNow,
            Pictures = arguments.GetValue(Pictures),
            Settings = RunSetting.Read(Path.Combine(Path.GetDirectoryName(history)!, RunSetting.FileName)),
            Device = arguments.GetValue(Device),
        }.Save(page);
        if (arguments.GetValue(Json))
            Common.WriteJson(new { report = page, endToEnd = evaluation.EndToEnd?.Summary, oneToMany = evaluation.OneToMany.Summary });
        else
            Console.WriteLine(page);
        return ExitCode.Ok;
    }
}
