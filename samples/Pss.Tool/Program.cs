using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tool;

// The parser and the progress bars use the current culture: make it invariant, so that numbers have one notation everywhere.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var root = new RootCommand("Trains, evaluates and runs FCOS_PSS, the object detector without NMS, on annotations in COCO, VOC, YOLO or VoTT format.")
{
    TrainCommand.Create(), EvaluateCommand.Create(), DetectCommand.Create(), ConvertCommand.Create(), ReportCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    await parsed.InvokeAsync();
    return ExitCode.Usage;
}
// .NET reads 0,01 as 1: it takes the comma as a thousands separator.
foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>().Where(option => IsDecimal(option.Option.ValueType)))
{
    if (option.Tokens.FirstOrDefault(token => token.Value.Contains(',')) is { } comma)
    {
        Console.Error.WriteLine($"pss-tool: {option.Option.Name} {comma.Value} is not a number: write it with a point, as in {comma.Value.Replace(',', '.')}.");
        return ExitCode.Usage;
    }
}
try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (OperationCanceledException canceled)
{
    Console.Error.WriteLine(parsed.CommandResult.Command.Name == TrainCommand.Name ? $"{canceled.Message} To continue, run the same command with --resume." : "Canceled.");
    return ExitCode.Canceled;
}
catch (Exception error) when (error is DatasetException or WeightFileException or ArgumentException or IOException
    or InvalidOperationException or InvalidDataException or UnauthorizedAccessException or DivergedException)
{
    Console.Error.WriteLine($"pss-tool: {error.Message}");
    foreach (var (property, option) in ((string, string)[])[("ReadOptions.Split", "--split"), ("ImageFolder", "--images")])
        if (error.Message.Contains(property, StringComparison.Ordinal))
            Console.Error.WriteLine($"In this tool, {property} is the option {option}.");
    return ExitCode.Failed;
}

static bool IsDecimal(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var number && (number == typeof(double) || number == typeof(float));
