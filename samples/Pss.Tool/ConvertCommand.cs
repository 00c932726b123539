using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;

namespace Pss.Tool;

/// <summary>convert: annotations from one form to another.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> data = Common.Data();
    private static readonly Option<string?> split = Common.Split(), images = Common.Images();
    private static readonly Option<int> maxPixels = Common.MaxPixels();
    private static readonly Option<bool> skipInvalid = Common.SkipInvalid(), quiet = Common.Quiet(), json = Common.Json();
    private static readonly Option<string?> validation = new("--validation") { Description = "Annotations that become the split val; the others become train." };
    private static readonly Option<string> target = new("--to") { Description = "coco, voc or yolo.", Required = true };
    private static readonly Option<string> output = new("--output", "-o") { Description = "A new folder.", Required = true };
    private static readonly Option<bool> copyImages = new("--copy-images") { Description = "Copies the images too." };

    public static Command Create()
    {
        target.AcceptOnlyFromAmong("coco", "voc", "yolo");
        var command = new Command("convert", "Converts annotations.") { data, split, images, skipInvalid, maxPixels, validation, target, output, copyImages, quiet, json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var train = Read(arguments.GetValue(data)!, arguments.GetValue(split), null);
        var held = arguments.GetValue(validation) is { } path ? Read(path, null, [.. train.Categories.Select(category => category.Name)]) : null;
        var (folder, copied) = (arguments.GetValue(output)!, arguments.GetValue(copyImages));
        var crowds = 0;
        switch (arguments.GetValue(target))
        {
            case "voc":
                VocWriter.Write(folder, train, held, copied);
                break;
            case "yolo":
                if ((crowds = YoloWriter.Write(folder, train, held, copied)) > 0)
                    Console.Error.WriteLine($"left out: {crowds} crowds, which YOLO has no form for");
                break;
            default:
                CocoWriter.Write(folder, train, held, copied);
                break;
        }
        var count = train.Images.Count + (held?.Images.Count ?? 0);
        var objects = train.ObjectCount + (held?.ObjectCount ?? 0) - crowds;
        if (arguments.GetValue(json))
            Common.WriteJson(new { folder = Path.GetFullPath(folder), images = count, objects, crowdsLeftOut = crowds });
        else if (!arguments.GetValue(quiet))
            Console.WriteLine($"{count} images and {objects} objects written to {folder}{(copied ? "" : "; the images were not copied: name their folder by --images")}");
        return ExitCode.Ok;

        DetectionDataset Read(string from, string? which, string[]? classes)
            => Common.Read(from, which, arguments.GetValue(images), arguments.GetValue(skipInvalid), classes,
                arguments.GetValue(maxPixels));
    }
}
