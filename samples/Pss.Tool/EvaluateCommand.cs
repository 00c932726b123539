using System.CommandLine;
using System.Globalization;
using Pss.Engine.Data.Formats;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>The command evaluate: the COCO metrics of a detector, with and without NMS.</summary>
internal static class EvaluateCommand
{
    private static readonly Argument<FileInfo> Model = Common.Model();
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Option<string?> Split = Common.Split(), Images = Common.Images(), Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> SkipInvalid = Common.SkipInvalid(), Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<FileInfo?> Results = new("--results") { Description = "Writes the detections without NMS as COCO results." };

    private static readonly (string Name, Func<CocoSummary, double> Of)[] Numbers =
    [
        ("AP", s => s.AP), ("AP50", s => s.AP50), ("AP75", s => s.AP75), ("AP small", s => s.APSmall), ("AP medium", s => s.APMedium), ("AP large", s => s.APLarge),
        ("AR1", s => s.AR1), ("AR10", s => s.AR10), ("AR100", s => s.AR100), ("AR small", s => s.ARSmall), ("AR medium", s => s.ARMedium), ("AR large", s => s.ARLarge),
    ];

    public static Command Create()
    {
        var command = new Command("evaluate", "Evaluates a detector by the COCO protocol.") { Model, Data, Split, Images, SkipInvalid, MaxPixels, Results, Device, Quiet, Json };
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var detector = DetectorModel.Load(arguments.GetValue(Model)!.FullName);
        var truth = Common.Read(arguments.GetValue(Data)!, arguments.GetValue(Split), arguments.GetValue(Images), arguments.GetValue(SkipInvalid), detector.Classes,
            arguments.GetValue(MaxPixels));
        var evaluation = Common.WithProgress(arguments.GetValue(Quiet) || arguments.GetValue(Json), $"{truth.Images.Count} images",
            (bar, _) => DetectorEvaluation.Run(detector, Common.WithProgress(truth, bar), arguments.GetValue(Device), cancellationToken));
        if (arguments.GetValue(Results) is { } file)
            truth.SaveResults(file.FullName, evaluation.EndToEndDetections ?? evaluation.OneToManyDetections);
        if (arguments.GetValue(Json))
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
        foreach (var (name, of) in Numbers)
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
