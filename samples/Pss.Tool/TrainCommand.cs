using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Inference;
using Pss.Engine.Reports;
using Pss.Engine.Training;

namespace Pss.Tool;

/// <summary>The command train: trains a detector on annotations.</summary>
internal static class TrainCommand
{
    public const string Name = "train";
    private const string DetectorFile = "detector.safetensors";
    private static readonly string[] Own = [TrainingProgress.LogFileName, TrainingOptions.CheckpointFileName, TrainingOptions.BestFileName, DetectorFile];
    private static readonly Argument<string> Data = Common.Data();
    private static readonly Annotations Annotations = new();
    private static readonly Option<string?> Device = Common.Device();
    private static readonly Option<bool> Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<string> Output = new("--output", "-o") { Description = "Folder for detector, checkpoint, log and report.", DefaultValueFactory = _ => "training" };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replaces an earlier training in the output folder." };
    private static readonly Option<string?> Validation = new("--validation") { Description = "Annotations to evaluate on between epochs; by default the split val of the data, if they have one." };
    private static readonly Option<string?> ValidationSplit = new("--validation-split") { Description = "The split to evaluate on, of --validation or of the data." };
    private static readonly Option<double> HoldOut = new("--hold-out") { Description = "Fraction of the images to evaluate on, if there are no others.", DefaultValueFactory = _ => 0 };
    private static readonly Option<bool> ValidateOnTraining = new("--validate-on-training") { Description = "Allows training images among those to evaluate on." };
    private static readonly Option<bool> RoundGradients = new("--round-gradients") { Description = "Of several processes: sends gradients as bfloat16, in half of the bytes." };
    private static readonly Option<bool> NoReport = new("--no-report") { Description = "Writes no report at the end." };

    public static Command Create()
    {
        var command = new Command(Name, "Trains a detector.") { Data, Validation, ValidationSplit, HoldOut, ValidateOnTraining, Output, Overwrite, NoReport, RoundGradients, Device, Quiet, Json };
        foreach (var option in Annotations.Options.Concat(TrainOptions.All))
            command.Add(option);
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var folder = arguments.GetValue(Output)!;
        foreach (var name in Own)
            OutputCheck.RequireOther(Output, Path.Combine(folder, name), arguments.GetValue(Data), arguments.GetValue(Validation), arguments.GetValue(TrainOptions.Weights)?.FullName);
        CheckFolder(folder, arguments.GetValue(TrainOptions.Resume), arguments.GetValue(Overwrite));
        // The first process changes the folder only when all have seen it.
        Job.Current?.Barrier();
        var (train, held) = Read(arguments);
        OptimizationOptions.Check(arguments, evaluates: held is { Images.Count: > 0 });
        var recipe = TrainOptions.Recipe(arguments, train, folder, arguments.GetValue(Device));
        var start = TrainOptions.Start(arguments, [.. train.Categories.Select(category => category.Name)]);
        var trainer = new DetectorTrainer(recipe.Detector, recipe.Training, recipe.Augmentation, recipe.Resize)
        {
            Communicator = Job.Current,
            RoundGradients = arguments.GetValue(RoundGradients),
        };
        Console.Error.WriteLine($"Trains in {Messages.Count(recipe.Training.Schedule.Epochs, "epoch")}, for an image size of {recipe.Resize}.");
        foreach (var line in trainer.Account(train))
            Console.Error.WriteLine(Messages.Of(line));
        if (held is not { Images.Count: > 0 })
            Console.Error.WriteLine($"There are no images to evaluate on, so that there will be no AP, no {TrainingOptions.BestFileName} and no report: name some by {Validation.Name} or {HoldOut.Name}.");
        using var stopping = cancellationToken.Register(() => Console.Error.WriteLine("Stopping after the step in work: the checkpoint is written next."));

        var silent = arguments.GetValue(Quiet) || arguments.GetValue(Json);
        var time = Stopwatch.StartNew();
        (string Name, string Value)[] settings = Settings(arguments, recipe, trainer.Account(train)[0]);
        TrainingProgress? last = null;
        var model = Progress.Run(silent, "training", progress => trainer.Train(train, held, start, new Callback(step =>
        {
            if (last is null)
            {
                RunSetting.Write(folder, settings);
                if (arguments.GetValue(TrainOptions.Resume))
                    progress.Line($"Goes on at epoch {step.Epoch + 1} of {step.Epochs}.");
                var shared = Job.Current is { } job ? $", which {job.Size} processes share" : "";
                progress.Line($"trains in {step.Precision}, in passes of {Messages.Count(step.BatchSize, "image")}{shared}");
            }
            last = step;
            Tell(progress, step, time.Elapsed);
        }), cancellationToken));

        if (last is null)
            Console.Error.WriteLine($"The training in {folder} is finished: nothing is left to train. More --epochs go on with it.");

        if (!Job.IsFirst)
            return ExitCode.Ok;

        // A training that went on from a checkpoint took longer than this run.
        TimeSpan? duration = arguments.GetValue(TrainOptions.Resume) ? null : time.Elapsed;
        var target = Path.Combine(folder, DetectorFile);
        model.Save(target);
        var report = held is { Images.Count: > 0 } && !arguments.GetValue(NoReport) ? Report(arguments, model, held, folder, settings, duration, silent, cancellationToken) : null;
        Print(arguments, target, report, last, held);
        return ExitCode.Ok;
    }

    /// <summary>An earlier training is not overwritten unless that is asked for.</summary>
    private static void CheckFolder(string folder, bool resume, bool overwrite)
    {
        if (File.Exists(folder))
            throw new ArgumentException($"{Output.Name} {folder} is a file: name a folder.");
        if (resume && overwrite)
            throw new ArgumentException($"--resume goes on with the training in {folder}, and {Overwrite.Name} replaces it: leave one of them out.");
        var there = Own.Where(name => File.Exists(Path.Combine(folder, name))).ToArray();
        var begun = there.Contains(TrainingOptions.CheckpointFileName);
        if (resume && !begun)
        {
            throw new ArgumentException($"--resume: {folder} holds no {TrainingOptions.CheckpointFileName}; "
                + (there.Length == 0 ? "leave --resume out to begin a training." : "its training was stopped before the first one: begin anew by --overwrite, without --resume."));
        }
        if (!resume && !overwrite && there.Length > 0)
        {
            throw new ArgumentException($"{folder} holds a training ({string.Join(", ", there)}): take another folder by --output, "
                + (begun ? "go on with it by --resume, " : "") + "or replace it by --overwrite.");
        }
    }

    private static (DetectionDataset Train, DetectionDataset? Held) Read(ParseResult arguments)
    {
        var data = arguments.GetValue(Data)!;
        var split = arguments.GetValue(Annotations.Split);
        var (validation, validationSplit) = (arguments.GetValue(Validation), arguments.GetValue(ValidationSplit));
        // Data with a split val are trained on train and evaluated on val, unless something else is asked for.
        var bySplits = validation is null && arguments.GetValue(HoldOut) == 0 && split is null or "train"
            && HasSplit(data, "train") && (validationSplit is not null || HasSplit(data, "val"));
        var train = Annotations.Read(arguments, data, split ?? (bySplits ? "train" : null), null);
        string[] classes = [.. train.Categories.Select(category => category.Name)];
        DetectionDataset? held = null;
        if (validation is not null)
            held = Annotations.Read(arguments, validation, validationSplit ?? (HasSplit(validation, "val") ? "val" : null), classes);
        else if (validationSplit is not null || bySplits)
            held = Annotations.Read(arguments, data, validationSplit ?? "val", classes);
        else if (arguments.GetValue(HoldOut) is > 0 and var share)
            return train.Split(share, arguments.GetValue(TrainOptions.Seed));
        if (held is not null && !arguments.GetValue(ValidateOnTraining))
            RequireDifferent(train, held);
        return (train, held);
    }

    private static bool HasSplit(string data, string split) => DetectionDataset.SplitsOf(data).Contains(split);

    private static void RequireDifferent(DetectionDataset train, DetectionDataset held)
    {
        var files = train.Images.Select(image => image.Path).ToHashSet(StringComparer.Ordinal);
        var shared = held.Images.Count(image => image.Path is not null && files.Contains(image.Path));
        if (shared > 0)
            throw new ArgumentException($"{shared} of {held.Images.Count} images to evaluate on are trained on: their AP would not tell how good the detector is. Choose others by --validation, "
                + "--validation-split or --hold-out, or allow it by --validate-on-training.");
    }

    private static (string Name, string Value)[] Settings(ParseResult arguments, TrainingRecipe recipe, string used) =>
    [
        ("data", arguments.GetValue(Data)!),
        ("training images", used),
        ("starts from", TrainOptions.StartName(arguments)),
        .. DetectorReport.TrainingSettings(recipe.Training, recipe.Augmentation),
    ];

    private static void Tell(Progress progress, TrainingProgress step, TimeSpan elapsed)
    {
        const int Settled = 20;
        progress.Steps = step.Steps;
        // The first steps are slow; an estimate from them would be wrong.
        var left = step.Step >= Settled || elapsed > TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $", {Duration(step.TimeLeft)} left") : "";
        progress.Report(step.Step, string.Create(CultureInfo.InvariantCulture,
            $"epoch {step.Epoch + 1}/{step.Epochs}, step {step.Step}/{step.Steps}, loss {step.Losses["total"]:F3}, {step.ImagesPerSecond:F1} images/s{left}"));
        if (step.Evaluation is { } ap)
        {
            var masks = ap.OneToManyMaskAp is { } many ? $"; masks {(ap.EndToEndMaskAp is { } one ? $"{Common.Text(one)} and " : "")}{Common.Text(many)}" : "";
            progress.Line(ap.EndToEndAp is { } single
                ? $"epoch {step.Epoch + 1}: AP {Common.Text(single)} end to end, {Common.Text(ap.OneToManyAp)} with NMS{masks}"
                : $"epoch {step.Epoch + 1}: AP {Common.Text(ap.OneToManyAp)} with NMS{masks}");
            if (ap.StopsEarly)
                progress.Line($"ends here: the highest AP is that of epoch {ap.BestEpoch + 1}");
        }
    }

    private static string Duration(TimeSpan time) => time.TotalHours >= 1 ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) : time.ToString(@"mm\:ss", CultureInfo.InvariantCulture);

    private static string Report(
        ParseResult arguments, DetectorModel model, DetectionDataset held, string folder, (string Name, string Value)[] settings, TimeSpan? duration, bool silent,
        CancellationToken cancellationToken)
    {
        var page = Path.Combine(folder, "report.html");
        var device = arguments.GetValue(Device);
        new DetectorReport
        {
            Title = Path.GetFileName(Path.GetFullPath(folder)),
            Model = model,
            Truth = held,
            Evaluation = Progress.Run(silent, "report", progress => DetectorEvaluation.Run(model, progress.Counting(held), device, cancellationToken)),
            Log = TrainingProgress.ReadLog(Path.Combine(folder, TrainingProgress.LogFileName)),
            Settings = settings,
            Device = device,
            Date = DateTimeOffset.UtcNow,
            TrainingDuration = duration,
        }.Save(page);
        return page;
    }

    private static void Print(ParseResult arguments, string detector, string? report, TrainingProgress? last, DetectionDataset? held)
    {
        var best = Path.Combine(Path.GetDirectoryName(detector)!, TrainingOptions.BestFileName);
        if (arguments.GetValue(Json))
        {
            Common.WriteJson(new
            {
                detector = Path.GetFullPath(detector),
                best = File.Exists(best) ? Path.GetFullPath(best) : null,
                report = report is null ? null : Path.GetFullPath(report),
                steps = last?.Step,
                losses = last?.Losses,
                evaluation = last?.Evaluation is { } ap
                    ? new { endToEndAp = Number(ap.EndToEndAp), endToEndAp50 = Number(ap.EndToEndAp50), oneToManyAp = Number(ap.OneToManyAp), oneToManyAp50 = Number(ap.OneToManyAp50) } : null,
            });
            return;
        }
        if (held is not null && held.ObjectCount == 0)
            Console.Error.WriteLine($"AP is -, because the {held.Images.Count} images to evaluate on have no objects.");
        Console.WriteLine(detector);
        if (arguments.GetValue(Quiet))
            return;
        if (File.Exists(best))
            Console.WriteLine($"{best} (the epoch with the highest AP)");
        if (report is not null)
            Console.WriteLine(report);

        static double? Number(double? value) => value is >= 0 ? value : null;
    }

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
