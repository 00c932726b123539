using System.CommandLine;
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
    private static readonly Option<bool> skipInvalid = Common.SkipInvalid();
    private static readonly Option<FileInfo> output = new("--output", "-o") { Description = "The page.", DefaultValueFactory = _ => new("report.html") };
    private static readonly Option<FileInfo?> log = new("--log") { Description = "The log of the training (log.jsonl); without, the one beside the model, if any." };
    private static readonly Option<int> pictures = new("--pictures") { Description = "Pictures to show.", DefaultValueFactory = _ => 12 };
    private static readonly Option<string> title = new("--title") { Description = "The heading.", DefaultValueFactory = _ => "FCOS_PSS" };

    public static Command Create()
    {
        var command = new Command("report", "Writes a page with curves, errors and pictures.")
        {
            model, data, split, images, skipInvalid, output, log, pictures, title, device,
        };
        command.SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = arguments.GetValue(model)!;
        var detector = DetectorModel.Load(file.FullName);
        var truth = Common.Read(arguments.GetValue(data)!, arguments.GetValue(split), arguments.GetValue(images), arguments.GetValue(skipInvalid));
        var load = ValidationSet.FromFiles(truth).Load;
        var history = arguments.GetValue(log)?.FullName ?? Path.Combine(file.DirectoryName!, TrainingLog.FileName);
        var evaluation = DetectorEvaluation.Run(detector, truth, load, arguments.GetValue(device), cancellation);
        var report = DetectorReport.Create(
            arguments.GetValue(title)!, detector, truth, load, evaluation, File.Exists(history) ? TrainingLog.Read(history) : [], arguments.GetValue(pictures));
        HtmlReport.Save(report, arguments.GetValue(output)!.FullName);
        Console.WriteLine(arguments.GetValue(output)!.FullName);
        return ExitCode.Ok;
    }
}
