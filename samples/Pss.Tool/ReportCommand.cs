using System.CommandLine;
using System.Text.Json;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.Tool;

/// <summary>report: one HTML page about a detector.</summary>
internal static class ReportCommand
{
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Option<string?> Split = Common.Split(), Images = Common.Images(), Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> SkipInvalid = Common.SkipInvalid(), Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<FileInfo> Output = new("--output", "-o") { Description = "The page.", DefaultValueFactory = _ => new("report.html") };
    private static readonly Option<FileInfo?> Log = new("--log") { Description = "The log of the training (log.jsonl); without, the one beside the model, if any." };
    private static readonly Option<int> Pictures = new("--pictures") { Description = "Pictures to show.", DefaultValueFactory = _ => 12 };
    private static readonly Option<string> Title = new("--title") { Description = "The heading.", DefaultValueFactory = _ => "FCOS_PSS" };

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
        command.SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = arguments.GetValue(Model)!;
        var detector = DetectorModel.Load(file.FullName);
        var truth = Common.Read(arguments.GetValue(Data)!, arguments.GetValue(Split), arguments.GetValue(Images), arguments.GetValue(SkipInvalid), detector.Classes,
            arguments.GetValue(MaxPixels));
        var history = arguments.GetValue(Log)?.FullName ?? Path.Combine(file.DirectoryName!, TrainingLog.FileName);
        var evaluation = Common.WithProgress(arguments.GetValue(Quiet) || arguments.GetValue(Json), $"{truth.Images.Count} images",
            (bar, _) => DetectorEvaluation.Run(detector, truth, Common.Counted(truth, detector.Resize, bar), arguments.GetValue(Device), cancellation));
        var report = DetectorReport.Create(
            arguments.GetValue(Title)!, detector, truth, ValidationSet.FromFiles(truth, detector.Resize).Load, evaluation, File.Exists(history) ? TrainingLog.Read(history) : [],
            arguments.GetValue(Pictures), Settings(Path.Combine(Path.GetDirectoryName(history)!, Common.SettingsFile)), arguments.GetValue(Device));
        var page = arguments.GetValue(Output)!.FullName;
        HtmlReport.Save(report, page);
        if (arguments.GetValue(Json))
            Common.WriteJson(new { report = page, endToEnd = evaluation.EndToEnd?.Summary, oneToMany = evaluation.OneToMany.Summary });
        else
            Console.WriteLine(page);
        return ExitCode.Ok;
    }

    private static ReportSetting[]? Settings(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<ReportSetting[]>(File.ReadAllText(file)) : null;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file} holds no options of a training: {error.Message}", error);
        }
    }
}
