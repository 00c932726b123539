using System.CommandLine;
using System.Text.Json;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.Tool;

/// <summary>report: one HTML page about a detector.</summary>
internal static class ReportCommand
{
    private static readonly Argument<FileInfo> model = Common.Model();
    private static readonly Argument<string> data = Common.Data();
    private static readonly Option<string?> split = Common.Split(), images = Common.Images(), device = Common.Device();
    private static readonly Option<int> maxPixels = Common.MaxPixels();
    private static readonly Option<bool> skipInvalid = Common.SkipInvalid(), quiet = Common.Quiet(), json = Common.Json();
    private static readonly Option<FileInfo> output = new("--output", "-o") { Description = "The page.", DefaultValueFactory = _ => new("report.html") };
    private static readonly Option<FileInfo?> log = new("--log") { Description = "The log of the training (log.jsonl); without, the one beside the model, if any." };
    private static readonly Option<int> pictures = new("--pictures") { Description = "Pictures to show.", DefaultValueFactory = _ => 12 };
    private static readonly Option<string> title = new("--title") { Description = "The heading.", DefaultValueFactory = _ => "FCOS_PSS" };

    public static Command Create()
    {
        pictures.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--pictures must be at least 0.");
        });
        var command = new Command("report", "Writes a page with curves, errors and pictures.")
        {
            model, data, split, images, skipInvalid, maxPixels, output, log, pictures, title, device, quiet, json,
        };
        command.SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = arguments.GetValue(model)!;
        var detector = DetectorModel.Load(file.FullName);
        var truth = Common.Read(arguments.GetValue(data)!, arguments.GetValue(split), arguments.GetValue(images), arguments.GetValue(skipInvalid), detector.Classes,
            arguments.GetValue(maxPixels));
        var history = arguments.GetValue(log)?.FullName ?? Path.Combine(file.DirectoryName!, TrainingLog.FileName);
        var evaluation = Common.WithProgress(arguments.GetValue(quiet) || arguments.GetValue(json), $"{truth.Images.Count} images",
            (bar, _) => DetectorEvaluation.Run(detector, truth, Common.Counted(truth, detector.Resize, bar), arguments.GetValue(device), cancellation));
        var report = DetectorReport.Create(
            arguments.GetValue(title)!, detector, truth, ValidationSet.FromFiles(truth, detector.Resize).Load, evaluation, File.Exists(history) ? TrainingLog.Read(history) : [],
            arguments.GetValue(pictures), Settings(Path.Combine(Path.GetDirectoryName(history)!, Common.SettingsFile)), arguments.GetValue(device));
        var page = arguments.GetValue(output)!.FullName;
        HtmlReport.Save(report, page);
        if (arguments.GetValue(json))
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
