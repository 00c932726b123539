using System.CommandLine;
using System.Globalization;
using Pss.Engine.Backbones;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Detectors;
using Pss.Engine.Reports;
using Pss.Engine.Training;
using Pss.Engine.Weights;
using Spectre.Console;

namespace Pss.Tool;

/// <summary>The command train: trains a detector on annotations.</summary>
internal static class TrainCommand
{
    public const string Name = "train";

    private static readonly Argument<string> Data = Common.Data();
    private static readonly Option<string?> Split = Common.Split(), Images = Common.Images(), Device = Common.Device();
    private static readonly Option<int> MaxPixels = Common.MaxPixels();
    private static readonly Option<bool> SkipInvalid = Common.SkipInvalid(), Quiet = Common.Quiet(), Json = Common.Json();
    private static readonly Option<string> Output = new("--output", "-o") { Description = "Folder for the detector, checkpoint and log.", DefaultValueFactory = _ => "training" };
    private static readonly Option<string?> Validation = new("--validation") { Description = "Annotations to evaluate on between epochs." };
    private static readonly Option<double> HoldOut = new("--hold-out") { Description = "Fraction of the images to evaluate on, if --validation is not given.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string> Detector = Choice("--detector", "Detector to train.", "fcos_pss", "atss_pss", "fcos", "atss");
    private static readonly Option<string> Backbone = Choice("--backbone", "Backbone of the detector.", "r50", "r18", "r34", "r101");
    private static readonly Option<int> Channels = new("--channels") { Description = "Channels of the pyramid and heads, a multiple of 32.", DefaultValueFactory = _ => 256 };
    private static readonly Option<FileInfo?> Weights = new("--weights") { Description = "Weights to start from: torchvision's ResNet or FCOS (.pth), or a detector; by default random weights." };
    private static readonly Option<string> Size = new("--size") { Description = "Input size, SHORTxLONG, or WIDTHxHEIGHT! for a letterbox.", DefaultValueFactory = _ => "800x1333" };
    private static readonly Option<int> Epochs = new("--epochs") { Description = "Number of epochs.", DefaultValueFactory = _ => 12 };
    private static readonly Option<int> Batch = new("--batch") { Description = "Images per step.", DefaultValueFactory = _ => 8 };
    private static readonly Option<double> Rate = new("--learning-rate") { Description = "Learning rate for a batch of 16 images.", DefaultValueFactory = _ => 0.01 };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of all random numbers." };
    private static readonly Option<bool> VerticalFlip = new("--vertical-flip") { Description = "Also flips images vertically, with probability 0.5." };
    private static readonly Option<bool> SelectorOnly = new("--selector-only") { Description = "Trains only the positive sample selector: the second of two stages." };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Continues from the checkpoint in the output folder." };

    public static Command Create()
    {
        var command = new Command(Name, "Trains a detector.")
        {
            Data, Split, Images, SkipInvalid, MaxPixels, Validation, HoldOut, Output, Detector, Backbone, Channels, Weights, Size, Epochs, Batch, Rate, Seed,
            VerticalFlip, SelectorOnly, Resume, Device, Quiet, Json,
        };
        command.SetAction((result, cancellationToken) => Task.FromResult(Run(result, cancellationToken)));
        return command;
    }

    private static int Run(ParseResult arguments, CancellationToken cancellationToken)
    {
        var limit = arguments.GetValue(MaxPixels);
        var train = Common.Read(arguments.GetValue(Data)!, arguments.GetValue(Split), arguments.GetValue(Images), arguments.GetValue(SkipInvalid), maxPixels: limit);
        DetectionDataset? held = null;
        if (arguments.GetValue(Validation) is { } path)
            held = Common.Read(path, null, arguments.GetValue(Images), arguments.GetValue(SkipInvalid), [.. train.Categories.Select(category => category.Name)], limit);
        else if (arguments.GetValue(HoldOut) is > 0 and var share)
            (train, held) = train.Split(share, arguments.GetValue(Seed));

        var folder = arguments.GetValue(Output)!;
        var inputSize = Common.ParseSize(arguments.GetValue(Size)!);
        var (options, augmentation) = (Training(arguments, folder), new AugmentationOptions
        {
            Sizes = [inputSize],
            VerticalFlip = arguments.GetValue(VerticalFlip) ? 0.5 : 0,
        });
        var trainer = new DetectorTrainer(DetectorOf(arguments, train.Categories.Count), options, augmentation, inputSize);
        var start = arguments.GetValue(Weights) is { } file ? WeightFile.Read(file.FullName) : null;
        (string Name, string Value)[] settings =
        [
            ("training images", $"{train.Images.Count} of {arguments.GetValue(Data)}"),
            ("starts from", arguments.GetValue(Weights)?.Name ?? "random weights"),
            .. DetectorReport.TrainingSettings(options, augmentation),
        ];
        TrainingProgress? last = null;
        var model = WithProgress(arguments, report => trainer.Train(train, held, start, new Callback(step =>
        {
            if (last is null)
                RunSetting.Write(folder, settings);
            last = step;
            report(step);
        }), cancellationToken));

        var target = Path.Combine(folder, "detector.safetensors");
        model.Save(target);
        if (arguments.GetValue(Json))
            Common.WriteJson(new { detector = Path.GetFullPath(target), steps = last?.Step, losses = last?.Losses, evaluation = last?.Evaluation });
        else
            Console.WriteLine(target);
        return ExitCode.Ok;
    }

    private static DetectorOptions DetectorOf(ParseResult arguments, int classes)
    {
        var width = arguments.GetValue(Channels);
        var net = arguments.GetValue(Backbone) switch
        {
            "r18" => ResNetOptions.ResNet18,
            "r34" => ResNetOptions.ResNet34,
            "r101" => ResNetOptions.ResNet101,
            _ => ResNetOptions.ResNet50,
        };
        DetectorOptions options = arguments.GetValue(Detector) switch
        {
            "fcos" => DetectorOptions.Fcos(classes),
            "atss" => DetectorOptions.Atss(classes),
            "atss_pss" => DetectorOptions.AtssPss(classes),
            _ => DetectorOptions.FcosPss(classes),
        };
        return options with
        {
            Backbone = arguments.GetValue(Weights) is null ? net.FromScratch() : net,
            Pyramid = options.Pyramid with { Channels = width },
        };
    }

    private static TrainingOptions Training(ParseResult arguments, string folder) => new()
    {
        Schedule = LearningRateSchedule.Steps(arguments.GetValue(Epochs), 0.67, 0.92),
        LearningRate = arguments.GetValue(Rate),
        NominalBatch = arguments.GetValue(Batch),
        BatchSize = arguments.GetValue(Batch),
        Seed = arguments.GetValue(Seed),
        SelectorOnly = arguments.GetValue(SelectorOnly),
        Device = arguments.GetValue(Device),
        OutputFolder = folder,
        Resume = arguments.GetValue(Resume),
    };

    private static T WithProgress<T>(ParseResult arguments, Func<Action<TrainingProgress>, T> train)
        => Common.WithProgress(arguments.GetValue(Quiet) || arguments.GetValue(Json), "training", (bar, console) => train(step =>
        {
            bar.MaxValue = step.Steps;
            bar.Value = step.Step;
            bar.Description = string.Create(CultureInfo.InvariantCulture, $"epoch {step.Epoch + 1}/{step.Epochs}, loss {step.Losses["total"]:F3}, {step.ImagesPerSecond:F1} images/s");
            if (step.Evaluation is { } ap)
                console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"epoch {step.Epoch + 1}: AP {ap.EndToEndAp ?? ap.OneToManyAp:F3} ({(ap.EndToEndAp is null ? "" : "end to end, ")}{ap.OneToManyAp:F3} with NMS)");
        }));

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private sealed class Callback(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
