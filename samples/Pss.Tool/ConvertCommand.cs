using System.CommandLine;
using Pss.Engine.Data;

namespace Pss.Tool;

/// <summary>convert: annotations from one form to another.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> data = Common.Data();
    private static readonly Option<string?> split = Common.Split(), images = Common.Images();
    private static readonly Option<bool> skipInvalid = Common.SkipInvalid(), quiet = Common.Quiet();
    private static readonly Option<string?> validation = new("--validation") { Description = "Annotations that become the split val; the others become train." };
    private static readonly Option<string> target = new("--to") { Description = "coco, voc or yolo.", Required = true };
    private static readonly Option<string> output = new("--output", "-o") { Description = "A new folder.", Required = true };
    private static readonly Option<bool> copyImages = new("--copy-images") { Description = "Copies the images too (voc, yolo)." };

    public static Command Create()
    {
        target.AcceptOnlyFromAmong("coco", "voc", "yolo");
        var command = new Command("convert", "Converts annotations.") { data, split, images, skipInvalid, validation, target, output, copyImages, quiet };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var train = Read(arguments.GetValue(data)!, arguments.GetValue(split));
        var held = arguments.GetValue(validation) is { } path ? Read(path, null) : null;
        var folder = arguments.GetValue(output)!;
        switch (arguments.GetValue(target))
        {
            case "voc":
                VocWriter.Write(folder, train, held, arguments.GetValue(copyImages));
                break;
            case "yolo":
                if (YoloWriter.Write(folder, train, held, arguments.GetValue(copyImages)) is > 0 and var crowds)
                    Console.Error.WriteLine($"left out: {crowds} crowds, which YOLO has no form for");
                break;
            default:
                Directory.CreateDirectory(folder);
                CocoWriter.WriteAnnotations(Path.Combine(folder, held is null ? "annotations.json" : "train.json"), train);
                if (held is not null)
                    CocoWriter.WriteAnnotations(Path.Combine(folder, "val.json"), held);
                break;
        }
        if (!arguments.GetValue(quiet))
            Console.WriteLine($"{train.Images.Count + (held?.Images.Count ?? 0)} images written to {folder}");
        return ExitCode.Ok;

        DetectionDataset Read(string from, string? which) => Common.Read(from, which, arguments.GetValue(images), arguments.GetValue(skipInvalid));
    }
}
