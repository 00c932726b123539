using System.CommandLine;
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
    private static readonly Annotations Annotations = new();
    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<int> MaxDetections = Common.MaxDetections();
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<FileInfo?> Results = new("--results") { Description = "Writes the detections without NMS as COCO results." };

    private static readonly (string Name, Func<CocoSummary, double> Of)[] Numbers =
    [
        ("AP", s => s.AP), ("AP50", s => s.AP50), ("AP75", s => s.AP75), ("AP small", s => s.APSmall), ("AP medium", s => s.APMedium), ("AP large", s => s.APLarge),
        ("AR1", s => s.AR1), ("AR10", s => s.AR10), ("AR100", s => s.AR100), ("AR small", s => s.ARSmall), ("AR medium", s => s.ARMedium), ("AR large", s => s.ARLarge),
    ];

    public static Command Create()
    {
        var command = new Command("evaluate", "Evaluates a detector by the COCO protocol.") { Model, Data, MaxDetections, Results, Device, Quiet, Json };
        foreach (var option in Annotations.Options)
            command.Add(option);
        command.SetAction((arguments, cancellationToken) => Task.FromResult(Run(arguments, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var detector = DetectorModel.Load(arguments.GetValue(Model)!.FullName);
        var truth = Annotations.Read(arguments, arguments.GetValue(Data)!, detector.Classes);
        Annotations.RequireOther(Results, arguments.GetValue(Results)?.FullName, arguments.GetValue(Data)!, truth, arguments.GetValue(Model)!.FullName);
        var limit = arguments.GetValue(MaxDetections);
        var evaluation = Progress.Run(arguments.GetValue(Quiet) || arguments.GetValue(Json), "evaluation",
            progress => DetectorEvaluation.Run(detector, progress.Counting(truth), arguments.GetValue(Device), cancellationToken, limit));
        if (arguments.GetValue(Results) is { } file)
            truth.SaveResults(file.FullName, evaluation.EndToEndDetections ?? evaluation.OneToManyDetections);
        if (truth.ObjectCount == 0)
            Console.Error.WriteLine($"No metric can be computed: {Messages.Count(truth.Images.Count, "image has", "images have")} no objects.");
        else if (truth.Images.Max(image => image.Objects.Count) is var most && most > limit)
            Console.Error.WriteLine($"An image has {most} objects, but at most {limit} detections of an image are evaluated: raise --max-detections.");
        if (arguments.GetValue(Json))
        {
            Common.WriteJson(new
            {
                endToEnd = Common.Metrics(evaluation.EndToEnd?.Summary),
                oneToMany = Common.Metrics(evaluation.OneToMany.Summary),
                endToEndMasks = Common.Metrics(evaluation.EndToEndMasks?.Summary),
                oneToManyMasks = Common.Metrics(evaluation.OneToManyMasks?.Summary),
                classes = Classes(evaluation).Select(pair => new
                {
                    name = pair.Many.Category.Name,
                    endToEnd = Common.Metrics(pair.Single?.Summary),
                    oneToMany = Common.Metrics(pair.Many.Summary),
                }),
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
        if (evaluation.OneToManyMasks is { } masks)
            foreach (var (name, of) in Numbers)
                table.AddRow($"mask {name}", Text(evaluation.EndToEndMasks?.Summary, of), Text(masks.Summary, of));
        foreach (var (single, many) in Classes(evaluation))
            table.AddRow(Markup.Escape($"AP {many.Category.Name}"), Text(single?.Summary, s => s.AP), Text(many.Summary, s => s.AP));
        AnsiConsole.Write(table);

        static string Text(CocoSummary? summary, Func<CocoSummary, double> of) => Common.Text(summary is null ? null : of(summary));
    }

    private static IEnumerable<(CategoryEvaluation? Single, CategoryEvaluation Many)> Classes(DetectorEvaluation evaluation)
        => evaluation.OneToMany.Categories.Select((many, i) => (evaluation.EndToEnd?.Categories[i], many));
}
