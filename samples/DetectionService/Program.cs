// Serves a detector over HTTP: POST an image to /detect, or open the page at /.
// DetectionService MODEL [options]; --help lists them. docs/serving.md tells more.
using System.CommandLine;
using System.Globalization;
using System.Net;
using DetectionService;
using DetectionService.Scoring;
using Pss.Engine.Weights;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var defaults = new ServiceOptions();
var model = new Argument<FileInfo>("model") { Description = "A model of mlContext.Model.Save (.zip), or a detector's own file (.safetensors)." };
var listen = Option("--listen", "Address and port; other addresses than the machine's own need a key.", defaults.Listen.ToString());
var keyFile = new Option<FileInfo?>("--api-key-file") { Description = "File of the key that requests must send; or set the variable DETECTION_API_KEY." };
var maxBytes = Option("--max-bytes", "Largest image file in bytes.", defaults.MaxBytes);
var maxPixels = Option("--max-pixels", "Most pixels of an image.", defaults.MaxPixels);
var maxRequests = Option("--max-requests", "Most requests at a time; further ones are refused with 503.", defaults.MaxRequests);
var maxRequestBytes = Option("--max-request-bytes", "Most bytes of these requests together.", defaults.MaxRequestBytes);
var batch = Option("--batch", "Most images of a batch; a saved ML.NET model takes one at a time.", defaults.BatchSize);
var delay = Option("--delay", "Milliseconds that an image waits at most for others to make a batch.", defaults.BatchDelay.TotalMilliseconds);
var timeout = Option("--timeout", "Seconds from the beginning of a request to its detections.", defaults.Timeout.TotalSeconds);
var device = new Option<string?>("--device") { Description = "cpu, cuda or cuda:N." };
model.Validators.Add(result =>
{
    // A misspelt option, which the parser takes for the file.
    if (result.Tokens is [var token] && token.Value.StartsWith("--", StringComparison.Ordinal))
        result.AddError($"{token.Value} is no option.");
});
var root = new RootCommand("Serves a detector over HTTP.") { model, listen, keyFile, maxBytes, maxPixels, maxRequests, maxRequestBytes, batch, delay, timeout, device };
root.SetAction((arguments, cancellationToken) => Run(arguments.GetRequiredValue(model).FullName, new ServiceOptions
{
    Listen = IPEndPoint.TryParse(arguments.GetRequiredValue(listen), out var address)
        ? address : throw new ArgumentException($"--listen '{arguments.GetValue(listen)}' is no address: write it as 127.0.0.1:5080 or [::1]:5080."),
    ApiKey = arguments.GetValue(keyFile) is { } file ? File.ReadAllText(file.FullName).Trim() : Environment.GetEnvironmentVariable("DETECTION_API_KEY"),
    MaxBytes = arguments.GetValue(maxBytes),
    MaxPixels = arguments.GetValue(maxPixels),
    MaxRequests = arguments.GetValue(maxRequests),
    MaxRequestBytes = arguments.GetValue(maxRequestBytes),
    BatchSize = arguments.GetValue(batch),
    BatchDelay = ServiceOptions.Seconds("--delay", arguments.GetValue(delay) / 1000),
    Timeout = ServiceOptions.Seconds("--timeout", arguments.GetValue(timeout)),
    Device = arguments.GetValue(device),
}, cancellationToken));
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine($"DetectionService: {error.Message}");
    Console.Error.WriteLine("See DetectionService --help.");
    return 2;
}
try
{
    // The service itself ends by Ctrl-C and SIGTERM, after it has answered what it accepted.
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception error) when (error is ArgumentException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException
    or WeightFileException)
{
    Console.Error.WriteLine($"DetectionService: {error.Message}");
    return 1;
}

static Option<T> Option<T>(string name, string description, T value) => new(name) { Description = description, DefaultValueFactory = _ => value };

static async Task<int> Run(string model, ServiceOptions options, CancellationToken cancellationToken)
{
    options.Validate();
    using var scorer = Scorer.Load(model, options);
    await using var app = Service.Create(options, scorer);
    await app.StartAsync(cancellationToken);
    Console.WriteLine($"{scorer.Name} with {scorer.Classes.Count} classes at {app.Urls.Single()}; Ctrl-C ends it.");
    await app.WaitForShutdownAsync(cancellationToken);
    return 0;
}
