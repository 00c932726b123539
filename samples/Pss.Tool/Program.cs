using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using Pss.Engine.Data;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Pss.Tool;

// The parser and the progress bars use the current culture: make it invariant, so that numbers have one notation everywhere.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var root = new RootCommand("Trains, evaluates and runs FCOS_PSS, the object detector without NMS, on annotations in COCO, VOC, YOLO or VoTT format.")
{
    InspectCommand.Create(), TrainCommand.Create(), EvaluateCommand.Create(), DetectCommand.Create(), ExportCommand.Create(), ConvertCommand.Create(), ReportCommand.Create(),
};
try
{
    Job.Join();
}
catch (Exception error) when (error is DllNotFoundException or InvalidOperationException)
{
    Console.Error.WriteLine($"pss-tool: {error.Message}");
    return ExitCode.Failed;
}
// MPI takes a process that leaves without goodbye for a failed one.
using var job = Job.Current;
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors.Select(error => Messages.Of(error.Message)).Distinct())
        Console.Error.WriteLine($"pss-tool: {error}");
    Console.Error.WriteLine($"See pss-tool {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help.");
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
if (job is not null && parsed.CommandResult.Command is { Name: not (TrainCommand.Name or DetectCommand.Name) } other && other is not RootCommand)
{
    Console.Error.WriteLine($"pss-tool: {other.Name} runs in one process: start it without mpirun. {TrainCommand.Name} and {DetectCommand.Name} run in several.");
    return ExitCode.Usage;
}
// A training that is stopped ends its step and writes its checkpoint first, which may take minutes on a CPU; to be told again does not hurry it.
using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
}
catch (OperationCanceledException canceled)
{
    var message = Messages.Of(canceled.Message);
    // The processes of a training stop at the same step.
    if (parsed.CommandResult.Command.Name != TrainCommand.Name)
        job?.Abort("canceled");
    var hint = message.Contains("--resume", StringComparison.Ordinal) ? "" : " To continue, run the same command with --resume.";
    Console.Error.WriteLine(parsed.CommandResult.Command.Name == TrainCommand.Name ? message + hint : "Canceled.");
    return ExitCode.Canceled;
}
catch (Exception error) when (error is DatasetException or WeightFileException or ArgumentException or IOException
    or InvalidOperationException or InvalidDataException or UnauthorizedAccessException or DivergedException)
{
    // Processes that did not fail would wait for this one forever.
    job?.Abort(Messages.Of(error.Message));
    Console.Error.WriteLine($"pss-tool: {Messages.Of(error.Message)}");
    return ExitCode.Failed;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static bool IsDecimal(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var number && (number == typeof(double) || number == typeof(float));
