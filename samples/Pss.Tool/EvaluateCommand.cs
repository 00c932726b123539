using System.CommandLine;
using System.Globalization;
using Pss.Engine.Data.Formats;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>evaluate: the COCO numbers of a detector, with and without NMS.</summary>
internal static class EvaluateCommand
{
    private static readonly Argument<FileInfo> model = Common.Model();
    private static readonly Argument<string> data = Common.Data();
    private static readonly Option<string?> split = Common.Split(), images = Common.Images(), device = Common.Device();
    private static readonly Option<int> maxPixels = Common.MaxPixels();
    private static readonly Option<bool> skipInvalid = Common.SkipInvalid(), quiet = Common.Quiet(), json = Common.Json();
    private static readonly Option<FileInfo?> results = new("--results") { Description = "Writes the detections without NMS as COCO results." };

    private static readonly (string Name, Func<CocoSummary, double> Of)[] numbers =
    [
        ("AP", s => s.AP), ("AP50", s => s.AP50), ("AP75", s => s.AP75), ("AP small", s => s.APSmall), ("AP medium", s => s.APMedium), ("AP large", s => s.APLarge),
        ("AR1", s => s.AR1), ("AR10", s => s.AR10), ("AR100", s => s.AR100), ("AR small", s => s.ARSmall), ("AR medium", s => s.ARMedium), ("AR large", s => s.ARLarge),
    ];

    public static Command Create()
    {
        var command = new Command("evaluate", "Evaluates a detector by the COCO protocol.") { model, data, split, images, skipInvalid, maxPixels, results, device, quiet, json };
        command.SetAction((arguments, cancellation) => Task.FromResult(Run(arguments, cancellation)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellation)
    {
        var detector = DetectorModel.Load(arguments.GetValue(model)!.FullName);
        var truth = Common.Read(arguments.GetValue(data)!, arguments.GetValue(split), arguments.GetValue(images), arguments.GetValue(skipInvalid), detector.Classes,
            arguments.GetValue(maxPixels));
        var evaluation = Common.WithProgress(arguments.GetValue(quiet) || arguments.GetValue(json), $"{truth.Images.Count} images",
            (bar, _) => DetectorEvaluation.Run(detector, truth, Common.Counted(truth, detector.Resize, bar), arguments.GetValue(device), cancellation));
        if (arguments.GetValue(results) is { } file)
            CocoResults.Write(file.FullName, truth, evaluation.EndToEndDetections ?? evaluation.OneToManyDetections);
        if (arguments.GetValue(json))
        {
            Common.WriteJson(new
            {
                endToEnd = evaluation.EndToEnd?.Summary,
                oneToMany = evaluation.OneToMany.Summary,
                classes = Classes(evaluation).Select(pair => new { name = pair.Many.Category.Name, endToEnd = pair.Single?.Summary, oneToMany = pair.Many.Summary }),
            });
        }
        else
            Print(evaluation);
        return ExitCode.Ok;
    }

    private static void Print(DetectorEvaluation evaluation)
    {
        var table = new Table().AddColumns("", "end to end, no NMS", "one to many, NMS 0.6");
        foreach (var (name, of) in numbers)
            table.AddRow(name, Text(evaluation.EndToEnd?.Summary, of), Text(evaluation.OneToMany.Summary, of));
        foreach (var (single, many) in Classes(evaluation))
            table.AddRow(Markup.Escape($"AP {many.Category.Name}"), Text(single?.Summary, s => s.AP), Text(many.Summary, s => s.AP));
        AnsiConsole.Write(table);

        static string Text(CocoSummary? summary, Func<CocoSummary, double> of)
            => summary is not null && of(summary) is >= 0 and var value ? value.ToString("F3", CultureInfo.InvariantCulture) : "-";
    }

    private static IEnumerable<(CategoryEvaluation? Single, CategoryEvaluation Many)> Classes(DetectorEvaluation evaluation)
        => evaluation.OneToMany.Categories.Select((many, i) => (evaluation.EndToEnd?.Categories[i], many));
}
