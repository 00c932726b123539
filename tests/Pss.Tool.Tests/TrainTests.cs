using System.Text.Json;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Tool.Tests;

/// <summary>Trainings: what they refuse, where they go on, and what they leave behind.</summary>
public sealed class TrainTests(TrainedFixture trained) : IClassFixture<TrainedFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_leaves_detector_best_epoch_log_and_report()
    {
        foreach (var name in (string[])["detector.safetensors", "best.safetensors", "checkpoint.safetensors", "log.jsonl", "report.html"])
            Assert.True(File.Exists(Path.Combine(trained.Training, name)), name);
        Assert.Equal(trained.Detector, trained.Output.Trim());
        // After one epoch the best is the last.
        Assert.Equal(
            DetectorModel.Load(trained.Detector).Weights.Names, DetectorModel.Load(Path.Combine(trained.Training, "best.safetensors")).Weights.Names);
    }

    [Fact]
    public void An_earlier_training_is_not_overwritten_unless_asked()
    {
        var before = File.ReadAllBytes(trained.Detector);
        var run = Train("--epochs", "1", "-o", trained.Training);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--overwrite", run.Errors);
        Assert.Equal(before, File.ReadAllBytes(trained.Detector));
    }

    [Fact]
    public void Resume_names_the_option_that_differs_and_goes_on_for_more_epochs()
    {
        foreach (var file in Directory.GetFiles(trained.Training))
            File.Copy(file, Path.Combine(Directory.CreateDirectory(_folder["more"]).FullName, Path.GetFileName(file)));
        var other = Train("--epochs", "1", "--hold-out", "0.25", "-o", _folder["more"], "--resume", "--alpha", "0.5");
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("--alpha was 0.6 and is 0.5", other.Errors);
        Assert.DoesNotContain("{", other.Errors);
        var both = Train("--resume", "--overwrite", "-o", _folder["more"]);
        Assert.Equal(1, both.ExitCode);
        Assert.Contains("--overwrite replaces it", both.Errors);

        var done = Train("--epochs", "1", "--hold-out", "0.25", "-o", _folder["more"], "--resume", "--no-report");
        Assert.True(done.ExitCode == 0, done.Errors);
        Assert.Contains("nothing is left to train", done.Errors);
        Assert.DoesNotContain("Starts from", done.Errors);

        var more = Train("--epochs", "2", "--hold-out", "0.25", "-o", _folder["more"], "--resume", "--no-report");
        Assert.True(more.ExitCode == 0, more.Errors);
        Assert.Contains("Goes on at epoch 2 of 2.", more.Errors);
        Assert.DoesNotContain("Starts from", more.Errors);
        Assert.Equal(6, TrainingProgress.ReadLog(_folder["more", TrainingProgress.LogFileName])[^1].Step);
        Assert.Contains("no checkpoint", Train("--resume", "-o", _folder["none"]).Errors);
    }

    [Fact]
    public void Resume_refuses_data_with_other_class_names()
    {
        TrainedFixture.Squares(_folder["data"], 16, "bright", "black");
        foreach (var file in Directory.GetFiles(trained.Training))
            File.Copy(file, Path.Combine(Directory.CreateDirectory(_folder["more"]).FullName, Path.GetFileName(file)));
        var run = ConsoleRun.Of("pss-tool", ["train", _folder["data"], "-o", _folder["more"], "--epochs", "2", "--hold-out", "0.25", "--resume", .. TrainedFixture.Small]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("class 2 was 'dark' and is 'black'", run.Errors);
    }

    [Theory]
    [InlineData("--batch must be a multiple of --pass (3)", "--batch", "4", "--pass", "3")]
    [InlineData("--batch must be at least 1", "--batch", "-1")]
    [InlineData("--learning-rate must be positive", "--learning-rate", "0")]
    [InlineData("--half-size is 2", "--half-size", "2")]
    [InlineData("the short one comes first", "--size", "640x480")]
    [InlineData("--hold-out must be above 0 and below 1", "--hold-out", "2")]
    [InlineData("expected type 'a whole number'", "--epochs", "x")]
    public void Errors_name_the_options_of_the_tool(string error, params string[] options)
        => Assert.Contains(error, ConsoleRun.Of("pss-tool", ["train", trained.Data, "-o", _folder["none"], "--device", "cpu", .. options]).Errors);

    [Theory]
    [InlineData("lacks light, black, and has bright, dark, which the data lack", "light", "black")]
    [InlineData("has the classes in another order", "dark", "bright")]
    public void Other_names_or_another_order_of_the_same_number_of_classes_draw_the_predictor_anew(string difference, string first, string second)
    {
        TrainedFixture.Squares(_folder["data"], 4, first, second);
        string[] arguments =
        [
            "train", _folder["data"], "-o", _folder["out"], "--weights", trained.Detector, "--epochs", "1", "--batch", "4", "--device", "cpu", "--quiet", "--seed", "5",
        ];
        var only = ConsoleRun.Of("pss-tool", [.. arguments, "--selector-only"]);
        Assert.Equal(1, only.ExitCode);
        Assert.Contains("the classes must be the same", only.Errors);
        var run = ConsoleRun.Of("pss-tool", [.. arguments, "--learning-rate", "0.000001"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Starts from detector.safetensors.", run.Errors);
        Assert.Contains($"detector.safetensors {difference}; drawn anew: head.class_logits", run.Errors);
        Assert.InRange(Distance("head.boxes.weight"), 0, 1e-4);
        Assert.InRange(Distance("head.class_logits.weight"), 1e-3, 1);

        // The largest difference between start and end.
        double Distance(string name) => DetectorModel.Load(trained.Detector).Weights[name].ToSingles()
            .Zip(DetectorModel.Load(_folder["out", "detector.safetensors"]).Weights[name].ToSingles(), (a, b) => Math.Abs(a - b)).Max();
    }

    [Fact]
    public void The_ResNet_of_MLNet_is_trained_from_its_file()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx");
        string[] arguments = ["train", trained.Data, "-o", _folder["out"], "--weights", file, "--epochs", "1", "--size", "32x32!", "--device", "cpu", "--quiet"];
        var run = ConsoleRun.Of("pss-tool", arguments);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Starts from ResNet18.onnx.", run.Errors);
        Assert.Equal([2, 2, 2, 3], DetectorModel.Load(_folder["out", "detector.safetensors"]).Options.Backbone.Layers);
        var other = ConsoleRun.Of("pss-tool", [.. arguments, "--overwrite", "--backbone", "r18"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("--backbone r18 contradicts --weights ResNet18.onnx", other.Errors);
    }

    [Fact]
    public void A_detector_gives_its_architecture_to_a_training_on_other_classes()
    {
        TrainedFixture.Squares(_folder["data"], 8, "red", "green", "blue");
        var run = ConsoleRun.Of("pss-tool", "train", _folder["data"], "-o", _folder["out"], "--weights", trained.Detector, "--epochs", "1", "--batch", "4", "--device", "cpu", "--quiet");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("drawn anew: head.class_logits", run.Errors);
        var model = DetectorModel.Load(_folder["out", "detector.safetensors"]);
        Assert.Equal(JsonSerializer.Serialize(DetectorModel.Load(trained.Detector).Options with { Classes = 3 }), JsonSerializer.Serialize(model.Options));
        Assert.Equal(["red", "green", "blue"], model.Classes);
    }

    [Fact]
    public void Precision_and_images_per_pass_are_chosen_and_said()
    {
        var run = Train("--epochs", "1", "-o", _folder["out"], "--no-report", "--precision", "bfloat16", "--pass", "2");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("trains in BFloat16, in passes of 2 images", run.Output + run.Errors);
        var first = TrainingProgress.ReadLog(_folder["out", TrainingProgress.LogFileName])[0];
        Assert.Equal((Precision.BFloat16, 2), (first.Precision, first.BatchSize));

        var found = Train("--epochs", "1", "-o", _folder["found"], "--no-report", "--pass", "0", "--quiet");
        Assert.True(found.ExitCode == 0, found.Errors);
        Assert.Contains(TrainingProgress.ReadLog(_folder["found", TrainingProgress.LogFileName])[0].BatchSize, (int[])[1, 2, 4]);
        Assert.Contains("Float16 runs on a GPU only", Train("--epochs", "1", "-o", _folder["half"], "--precision", "float16").Errors);
    }

    [Fact]
    public void The_paper_s_switches_reach_the_detector()
    {
        var run = Train("--epochs", "1", "-o", _folder["out"], "--quiet", "--no-report", "--stop-gradient", "full", "--selector-branch", "classification", "--selector-layers", "1",
            "--lambda1", "0.5", "--lambda2", "0", "--alpha", "0.7", "--matching", "add", "--candidates", "centerRegion", "--local-maxima", "false", "--multi-scale", "64-96", "--half-size", "0.5", "--keep-empty", "--vertical-flip");
        Assert.True(run.ExitCode == 0, run.Errors);
        var options = DetectorModel.Load(_folder["out", "detector.safetensors"]).Options;
        Assert.Equal("Full Classification 1", $"{options.Selector!.StopGradient} {options.Selector.Input} {options.Selector.HiddenConvolutions}");
        Assert.Equal((0.5, 0), (options.Losses.SelectorWeight, options.Losses.RankingWeight));
        Assert.Equal((0.7, "Add", "CenterRegion"), (options.Matching.Alpha, options.Matching.Quality.ToString(), options.Matching.Candidates.ToString()));
        Assert.False(options.Selector.LocalMaxima);
    }

    [Theory]
    [InlineData("fcos_pss")]
    [InlineData("atss_pss")]
    public void Without_switches_selector_and_matching_are_the_recipe_s(string detector)
    {
        var run = Train("--epochs", "1", "-o", _folder["out"], "--quiet", "--no-report", "--detector", detector);
        Assert.True(run.ExitCode == 0, run.Errors);
        var options = DetectorModel.Load(_folder["out", "detector.safetensors"]).Options;
        var recipe = TrainingRecipe.Pretrained(3, 8).Detector;
        // The squares lie far apart.
        Assert.Equal((recipe.Matching, recipe.Selector! with { LocalMaxima = true }), (options.Matching, options.Selector));
        Assert.NotEqual(new(), options.Matching);
    }

    [Fact]
    public void Optimizer_schedule_average_best_epoch_and_event_file_are_chosen_by_switches()
    {
        string[] switches = ["--optimizer", "adamw", "--schedule", "cosine", "--ema", "--patience", "1", "--best", "--backbone-rate", "0.1", "--tensorboard"];
        var run = Train(["--epochs", "1", "--hold-out", "0.25", "-o", _folder["out"], "--quiet", .. switches]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.True(File.Exists(_folder["out", "events.out.tfevents.pss"]));
        Assert.True(DetectorModel.Load(_folder["out", "detector.safetensors"]).Weights["head.boxes.weight"].Data.Span
            .SequenceEqual(DetectorModel.Load(_folder["out", "best.safetensors"]).Weights["head.boxes.weight"].Data.Span));
        var report = File.ReadAllText(_folder["out", "report.html"]);
        foreach (var text in (string[])["(Cosine)", "AdamW", "0.00025", "no weight decay", "backbone. x 0.1", "decay 0.9998", "1 evaluations", "the one with the highest AP"])
            Assert.Contains(text, report);

        var other = Train(["--epochs", "1", "--hold-out", "0.25", "-o", _folder["out"], "--resume", "--ema", "0.99", .. switches.Where(item => item != "--ema")]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("--ema was 0.9998 and is 0.99", other.Errors);
        Assert.Contains("--best and --patience compare evaluations", Train("-o", _folder["none"], "--best").Errors);
        Assert.Contains("'fast'", Train("--schedule", "fast").Errors);
    }

    [Fact]
    public void Defcn_is_trained_reported_evaluated_and_exported_end_to_end_and_refuses_a_selector()
    {
        var run = Train("--detector", "defcn", "--epochs", "1", "--hold-out", "0.25", "-o", _folder["out"], "--quiet");
        Assert.True(run.ExitCode == 0, run.Errors);
        var report = File.ReadAllText(_folder["out", "report.html"]);
        Assert.Contains("DeFCN", report);
        Assert.DoesNotContain("DeFCN, without PSS", report);
        var detector = _folder["out", "detector.safetensors"];
        var evaluation = ConsoleRun.Of("pss-tool", "evaluate", detector, trained.Data, "--json", "--device", "cpu");
        Assert.True(evaluation.ExitCode == 0, evaluation.Errors);
        Assert.InRange(JsonDocument.Parse(evaluation.Output).RootElement.GetProperty("endToEnd").GetProperty("ap").GetDouble(), 0, 1);
        var export = ConsoleRun.Of("pss-tool", "export", detector, "--to", "onnx", "-o", _folder["d.onnx"], "--size", "96x96!");
        Assert.True(export.ExitCode == 0, export.Errors);

        var second = ConsoleRun.Of(
            "pss-tool", "train", trained.Data, "-o", _folder["pss"], "--weights", detector, "--selector-only", "--epochs", "1", "--batch", "4", "--device", "cpu", "--quiet");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("DeFCN has no positive sample selector", second.Errors);
    }

    [Fact]
    public void The_second_of_two_steps_gives_a_base_detector_a_selector()
    {
        var first = Train("--detector", "fcos", "--epochs", "1", "-o", _folder["base"], "--quiet", "--no-report");
        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.Contains("no images to evaluate on, so that there will be no AP, no best.safetensors and no report", first.Errors);
        Assert.False(File.Exists(_folder["base", "best.safetensors"]));
        var second = ConsoleRun.Of("pss-tool", "train", trained.Data, "-o", _folder["pss"], "--weights", _folder["base", "detector.safetensors"], "--selector-only", "--epochs", "1",
            "--batch", "4", "--device", "cpu", "--quiet");
        Assert.True(second.ExitCode == 0, second.Errors);
        var (one, two) = (DetectorModel.Load(_folder["base", "detector.safetensors"]), DetectorModel.Load(_folder["pss", "detector.safetensors"]));
        Assert.Null(one.Options.Selector);
        var recipe = TrainingRecipe.FromScratch(3, 8).Detector;
        Assert.Equal((recipe.Matching, recipe.Selector! with { LocalMaxima = true }), (two.Options.Matching, two.Options.Selector));
        Assert.True(one.Weights["backbone.stem.conv.weight"].Data.Span.SequenceEqual(two.Weights["backbone.stem.conv.weight"].Data.Span));
    }

    [Fact]
    public void Data_with_splits_are_trained_on_train_and_evaluated_on_val()
    {
        Yolo("val: valid/images");
        var run = ConsoleRun.Of("pss-tool", ["train", _folder["data.yaml"], "-o", _folder["out"], "--epochs", "1", "--quiet", "--no-report", .. TrainedFixture.Small]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("4 of 4 images", run.Errors);
        Assert.Contains("\"EndToEndAp\"", File.ReadAllText(_folder["out", "log.jsonl"]));
    }

    [Fact]
    public void Training_images_are_no_validation_unless_asked()
    {
        Yolo("val: train/images");
        string[] arguments = ["train", _folder["data.yaml"], "-o", _folder["out"], "--epochs", "1", "--quiet", "--no-report", .. TrainedFixture.Small];
        var refused = ConsoleRun.Of("pss-tool", arguments);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("4 of 4 images to evaluate on are trained on", refused.Errors);
        var asked = ConsoleRun.Of("pss-tool", [.. arguments, "--validate-on-training"]);
        Assert.True(asked.ExitCode == 0, asked.Errors);
    }

    [Fact]
    public void A_damaged_image_is_named_or_skipped()
    {
        TrainedFixture.Squares(_folder["data"], 8, "bright", "dark");
        var file = _folder["data", "images", "003.png"];
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^60]);
        string[] arguments = ["train", _folder["data"], "-o", _folder["out"], "--epochs", "1", "--quiet", .. TrainedFixture.Small];
        Assert.Contains("003.png", ConsoleRun.Of("pss-tool", arguments).Errors);
        var skipped = ConsoleRun.Of("pss-tool", [.. arguments, "--skip-invalid", "--overwrite"]);
        Assert.True(skipped.ExitCode == 0, skipped.Errors);
        Assert.Contains("003.png", skipped.Errors);
        Assert.Contains("7 of 7 images", skipped.Errors);
    }

    [Theory]
    [InlineData("--selector-layers", "--detector", "fcos", "--selector-layers", "3")]
    [InlineData("--local-maxima", "--detector", "defcn", "--local-maxima", "true")]
    [InlineData("--stop-gradient", "--detector", "atss", "--stop-gradient", "full")]
    [InlineData("--weights", "--selector-only")]
    [InlineData("--multi-scale", "--size", "96x96!", "--multi-scale", "64-96")]
    [InlineData("--from-scratch", "--from-scratch", "--weights", "DETECTOR")]
    public void Options_that_contradict_each_other_are_named(string named, params string[] arguments)
    {
        string[] given = [.. arguments.Select(argument => argument == "DETECTOR" ? trained.Detector : argument)];
        var run = ConsoleRun.Of("pss-tool", ["train", trained.Data, "-o", _folder["none"], .. given]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(named, run.Errors);
        Assert.False(Directory.Exists(_folder["none"]));
    }

    [Fact]
    public void It_is_said_what_a_training_starts_from()
    {
        string[] arguments = ["--epochs", "1", "--quiet", "--no-report", "--size", "32x32!", "--batch", "2", "--device", "cpu"];
        foreach (var (start, words) in new (string[], string)[] { ([], "Starts from the ImageNet weights of"), (["--from-scratch"], "Starts from random weights"), (["--backbone", "r18"], "Starts from random weights") })
        {
            var run = ConsoleRun.Of("pss-tool", ["train", trained.Data, "-o", _folder["start"], "--overwrite", .. arguments, .. start]);
            Assert.True(run.ExitCode == 0, run.Errors);
            Assert.Contains(words, run.Errors);
        }
    }

    private ConsoleRun Train(params string[] arguments) => ConsoleRun.Of("pss-tool", ["train", trained.Data, .. TrainedFixture.Small, .. arguments]);

    private void Yolo(string validation)
    {
        foreach (var split in (string[])["train", "valid"])
        {
            TrainedFixture.Squares(_folder[split], split == "train" ? 4 : 2, "a");
            for (var i = 0; i < 4; i++)
                _folder.Write($"{split}/labels/{i:d3}.txt", "0 0.25 0.25 0.3 0.3");
        }
        _folder.Write("data.yaml", $"train: train/images\n{validation}\nnames: [a]\n");
    }
}
