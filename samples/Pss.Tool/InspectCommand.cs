using System.CommandLine;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;

namespace Pss.Tool;

/// <summary>The command inspect: what a dataset holds, before a training: counts, sizes, classes, faults, and pictures with boxes.</summary>
internal static class InspectCommand
{
    private const int LongestSide = 480;
    private const int Named = 5;
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Annotations Annotations = new();
    private static readonly Option<FileInfo?> Output = new("--output", "-o") { Description = "Also writes a page with pictures (HTML)." };
    private static readonly Option<int> Pictures = new("--pictures") { Description = "Number of pictures on the page.", DefaultValueFactory = _ => 12 };
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();

    public static Command Create()
    {
        var command = new Command("inspect", "Shows what annotations hold.") { Data, Output, Pictures, Quiet, Json };
        foreach (var option in Annotations.Options)
            command.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var dataset = Annotations.Read(arguments, arguments.GetValue(Data)!);
        var summary = DatasetSummary.Of(dataset);
        var page = arguments.GetValue(Output)?.FullName;
        Annotations.RequireOther(Output, page, arguments.GetValue(Data)!, dataset);
        List<string> damaged = [];
        if (page is not null)
            InspectPage.Write(page, dataset, summary, Drawn(dataset, arguments.GetValue(Pictures), damaged));
        if (arguments.GetValue(Json))
            Common.WriteJson(new { data = dataset.Name, summary.Images, summary.Objects, summary.Crowds, summary.ImagesWithoutObjects, summary.ImageSizes, summary.ObjectSizes, summary.Classes, notes = dataset.Account(), damaged, page });
        else
            foreach (var line in summary.Lines().Append(page).OfType<string>())
                Console.WriteLine(line);
        if (damaged.Count == 0)
            return ExitCode.Ok;
        Console.Error.WriteLine($"{damaged.Count} of {Messages.Count(Math.Min(arguments.GetValue(Pictures), dataset.Images.Count), "picture")} of the page could not be read: "
            + string.Join(", ", damaged.Take(Named)) + (damaged.Count > Named ? ", ..." : ""));
        return ExitCode.Failed;
    }

    /// <summary>Pictures spread evenly over the dataset, with their boxes; one that cannot be read has no picture, and is named in <paramref name="damaged"/>.</summary>
    private static IEnumerable<(string Name, byte[]? Jpeg, string Text)> Drawn(DetectionDataset dataset, int count, List<string> damaged)
    {
        var decoding = ImageDecoding.For(Resize.Letterbox(LongestSide, LongestSide));
        for (var i = 0; i < Math.Min(count, dataset.Images.Count); i++)
        {
            var record = dataset.Images[i * dataset.Images.Count / Math.Min(count, dataset.Images.Count)];
            byte[]? picture = null;
            var text = $"{Messages.Count(record.Objects.Count, "object")}, {record.Width} x {record.Height}";
            try
            {
                picture = Drawing.Jpeg(dataset.LoadImage(record, decoding), [.. record.Objects.Select(item => (
                    (float)item.Box.X, (float)item.Box.Y, (float)item.Box.X2, (float)item.Box.Y2,
                    dataset.Categories[item.Label].Name + (item.IsCrowd ? " (crowd)" : ""), item.Label, item.Mask))]);
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                damaged.Add(record.FileName);
                text = Messages.Of(error.Message);
            }
            yield return (record.FileName, picture, text);
        }
    }
}
