using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;

namespace Pss.Tool;

/// <summary>The command convert: converts annotations between formats.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Option<string?> Split = Common.Split(), Images = Common.Images();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> SkipInvalid = Common.SkipInvalid(), Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<string?> Validation = new("--validation") { Description = "Annotations of the split val; the others become train." };
    private static readonly Option<string> Target = new("--to") { Description = "coco, voc or yolo.", Required = true };
    private static readonly Option<string> Output = new("--output", "-o") { Description = "A new folder.", Required = true };
    private static readonly Option<bool> CopyImages = new("--copy-images") { Description = "Also copies the images." };

    public static Command Create()
    {
        Target.AcceptOnlyFromAmong("coco", "voc", "yolo");
        var command = new Command("convert", "Converts annotations.") { Data, Split, Images, SkipInvalid, MaxPixels, Validation, Target, Output, CopyImages, Quiet, Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var train = Read(arguments.GetValue(Data)!, arguments.GetValue(Split), null);
        var held = arguments.GetValue(Validation) is { } path ? Read(path, null, [.. train.Categories.Select(category => category.Name)]) : null;
        var (folder, copied) = (arguments.GetValue(Output)!, arguments.GetValue(CopyImages));
        var crowds = train.Save(folder, Enum.Parse<DatasetFormat>(arguments.GetValue(Target)!, ignoreCase: true), held, copied);
        if (crowds > 0)
            Console.Error.WriteLine($"skipped: {crowds} crowds, which YOLO cannot express");
        var count = train.Images.Count + (held?.Images.Count ?? 0);
        var objects = train.ObjectCount + (held?.ObjectCount ?? 0) - crowds;
        if (arguments.GetValue(Json))
            Common.WriteJson(new { folder = Path.GetFullPath(folder), images = count, objects, crowdsLeftOut = crowds });
        else if (!arguments.GetValue(Quiet))
            Console.WriteLine($"{count} images and {objects} objects written to {folder}{(copied ? "" : "; the images were not copied: give their folder by --images")}");
        return ExitCode.Ok;

        DetectionDataset Read(string from, string? which, string[]? classes)
            => Common.Read(from, which, arguments.GetValue(Images), arguments.GetValue(SkipInvalid), classes,
                arguments.GetValue(MaxPixels));
    }
}
