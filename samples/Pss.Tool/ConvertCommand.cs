using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;

namespace Pss.Tool;

/// <summary>The command convert: converts annotations between formats.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Annotations Annotations = new();
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<string?> Validation = new("--validation") { Description = "Annotations of the split val; the others become train." };
    private static readonly Option<string> Target = new("--to") { Description = "coco, voc or yolo.", Required = true };
    private static readonly Option<string> Output = new("--output", "-o") { Description = "A new folder.", Required = true };
    private static readonly Option<bool> CopyImages = new("--copy-images") { Description = "Also copies the images." };

    public static Command Create()
    {
        Target.AcceptOnlyFromAmong("coco", "voc", "yolo");
        var command = new Command("convert", "Converts annotations.") { Data, Validation, Target, Output, CopyImages, Quiet, Json };
        foreach (var option in Annotations.Options)
            command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        OutputCheck.RequireOther(Output, arguments.GetValue(Output), arguments.GetValue(Data), arguments.GetValue(Validation));
        var train = Annotations.Read(arguments, arguments.GetValue(Data)!);
        var held = arguments.GetValue(Validation) is { } path ? Annotations.Read(arguments, path, null, [.. train.Categories.Select(category => category.Name)]) : null;
        var (folder, copied) = (arguments.GetValue(Output)!, arguments.GetValue(CopyImages));
        var format = Enum.Parse<DatasetFormat>(arguments.GetValue(Target)!, ignoreCase: true);
        var crowds = train.Save(folder, format, held, copied);
        var masks = train.CountLostMasks(format) + (held?.CountLostMasks(format) ?? 0);
        if (crowds > 0)
            Console.Error.WriteLine($"left out: {Messages.Count(crowds, "crowd")}, which YOLO cannot express");
        if (masks > 0)
            Console.Error.WriteLine($"left out: {Messages.Count(masks, "mask")}, which {(format == DatasetFormat.Yolo ? "YOLO can express as one polygon only" : "VOC cannot express")}; the boxes are written");
        var count = train.Images.Count + (held?.Images.Count ?? 0);
        var objects = train.ObjectCount + (held?.ObjectCount ?? 0) - crowds;
        if (arguments.GetValue(Json))
            Common.WriteJson(new { folder = Path.GetFullPath(folder), images = count, objects, crowdsLeftOut = crowds, masksLeftOut = masks });
        else if (!arguments.GetValue(Quiet))
            Console.WriteLine($"{Messages.Count(count, "image")} and {Messages.Count(objects, "object")} written to {folder}{(copied ? "" : "; the images were not copied: give their folder by --images")}");
        return ExitCode.Ok;
    }
}
