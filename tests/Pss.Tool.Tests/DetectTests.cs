using System.Text.Json;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.Tool.Tests;

/// <summary>Detection, evaluation, export and inspection with a trained detector.</summary>
public sealed class DetectTests(TrainedFixture trained) : IClassFixture<TrainedFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Detection_goes_on_after_a_bad_file_and_tells_by_the_exit_code()
    {
        var bad = _folder.Write("bad.jpg", "no image");
        var good = Path.Combine(trained.Data, "images", "000.png");
        var run = Detect("--threshold", "0", bad, good, "--save-images", _folder["drawn"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("bad.jpg", run.Errors);
        Assert.Contains("1 of 2 images could not be read", run.Errors);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("file\tclass\tscore\tx1\ty1\tx2\ty2", lines[0]);
        Assert.All(lines[1..], line => Assert.StartsWith(good + "\t", line, StringComparison.Ordinal));
        Assert.Equal((96, 96), (RgbImage.Load(_folder["drawn", "000.jpg"]).Width, RgbImage.Load(_folder["drawn", "000.jpg"]).Height));
        Assert.Single(Directory.GetFiles(_folder["drawn"]));
    }

    [Theory]
    [InlineData("csv", "file,class,score,x1,y1,x2,y2")]
    [InlineData("tsv", "file\tclass")]
    [InlineData("json", "[")]
    [InlineData("coco", "[")]
    [InlineData("table", "")]
    public void Results_come_in_every_format_and_as_a_file(string format, string start)
    {
        var run = Detect("--threshold", "0", "--format", format, "-o", _folder["found"], Path.Combine(trained.Data, "images"));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal("", run.Output);
        var text = File.ReadAllText(_folder["found"]);
        Assert.StartsWith(start, text, StringComparison.Ordinal);
        if (format is "json" or "coco")
            Assert.NotEqual(0, JsonDocument.Parse(text).RootElement.GetArrayLength());
        Assert.Single(Directory.GetFiles(_folder[""]));
    }

    [Fact]
    public void More_detections_than_a_hundred_are_there_for_the_asking()
    {
        var image = Path.Combine(trained.Data, "images", "000.png");
        // Without local maxima every location is a detection.
        var model = DetectorModel.Load(trained.Detector);
        (model with { Options = model.Options with { Selector = model.Options.Selector! with { LocalMaxima = false } } }).Save(_folder["every.safetensors"]);
        var some = ConsoleRun.Of("pss-tool", "detect", _folder["every.safetensors"], "--device", "cpu", "--threshold", "0", image);
        Assert.Contains("--max-detections", some.Errors);
        Assert.Equal(101, some.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var all = ConsoleRun.Of("pss-tool", "detect", _folder["every.safetensors"], "--device", "cpu", "--threshold", "0", "--max-detections", "300", image);
        Assert.True(all.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length > 101);
    }

    [Theory]
    [InlineData("detect", "DETECTOR", "DATA/images", "--save-images", "DATA/images")]
    [InlineData("detect", "DETECTOR", "DATA/images", "--save-images", "LINK/images")]
    [InlineData("detect", "DETECTOR", "LINK-to-images", "--save-images", "LINK-to-images")]
    [InlineData("detect", "DETECTOR", "DATA/images/000.png", "-o", "DATA/images/000.png")]
    [InlineData("detect", "DETECTOR", "DATA/images", "-o", "DETECTOR")]
    [InlineData("inspect", "DATA", "-o", "DATA/annotations.json")]
    [InlineData("inspect", "DATA/annotations.json", "-o", "DATA/images/003.png")]
    [InlineData("evaluate", "DETECTOR", "DATA", "--results", "DATA/annotations.json")]
    [InlineData("evaluate", "DETECTOR", "DATA", "--results", "DETECTOR")]
    [InlineData("report", "DETECTOR", "DATA", "-o", "DETECTOR")]
    [InlineData("report", "DETECTOR", "DATA/annotations.json", "--log", "DATA/log.jsonl", "-o", "DATA/log.jsonl")]
    [InlineData("export", "DETECTOR", "--to", "onnx", "-o", "DETECTOR")]
    [InlineData("export", "DETECTOR", "--to", "onnx", "--int8", "DATA", "-o", "DATA/annotations.json")]
    [InlineData("convert", "DATA/annotations.json", "--to", "coco", "-o", "DATA/annotations.json")]
    [InlineData("train", "DATA", "--weights", "DETECTOR", "--overwrite", "-o", "MODEL")]
    public void What_a_command_reads_is_not_overwritten(params string[] arguments)
    {
        TrainedFixture.Squares(_folder["data"], 4, "bright", "dark");
        _folder.Write("data/log.jsonl", "");
        _folder.Write("model/best.safetensors", File.ReadAllBytes(trained.Detector));
        Directory.CreateSymbolicLink(_folder["link"], _folder["data"]);
        Directory.CreateDirectory(_folder["link-to-images"]);
        File.CreateSymbolicLink(_folder["link-to-images", "a.png"], _folder["data", "images", "000.png"]);
        var before = Content();
        var run = ConsoleRun.Of("pss-tool", [.. arguments.Select(argument => argument.Replace("DETECTOR", "MODEL/best.safetensors")
            .Replace("DATA", _folder["data"]).Replace("LINK", _folder["link"]).Replace("MODEL", _folder["model"]))]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("overwrite", run.Errors);
        Assert.Contains(arguments.Last(argument => argument.StartsWith('-')) is "-o" ? "--output" : arguments[^2], run.Errors);
        Assert.Equal(before, Content());

        string Content() => string.Join("\n", Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}"));
    }

    [Fact]
    public void Results_in_the_folder_of_the_data_are_replaced()
    {
        TrainedFixture.Squares(_folder["data"], 2, "bright", "dark");
        for (var time = 0; time < 2; time++)
        {
            var run = ConsoleRun.Of("pss-tool", "evaluate", trained.Detector, _folder["data"], "--device", "cpu", "--json", "--results", _folder["data", "results.json"]);
            Assert.True(run.ExitCode == 0, run.Errors);
        }
    }

    [Fact]
    public void A_class_that_the_detector_lacks_is_named()
    {
        TrainedFixture.Squares(_folder["data"], 2, "Bright", "dark");
        var run = ConsoleRun.Of("pss-tool", "evaluate", trained.Detector, _folder["data"], "--device", "cpu");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("'Bright' is none of the classes bright, dark", run.Errors);
    }

    [Fact]
    public void Images_without_objects_have_no_AP_and_that_is_said()
    {
        TrainedFixture.Squares(_folder["data"], 2, "bright", "dark");
        var text = File.ReadAllText(_folder["data", "annotations.json"]);
        var start = text.IndexOf("\"annotations\":[", StringComparison.Ordinal) + 15;
        File.WriteAllText(_folder["data", "annotations.json"], text[..start] + text[text.IndexOf(']', text.LastIndexOf("\"iscrowd\"", StringComparison.Ordinal))..]);
        var run = ConsoleRun.Of("pss-tool", "evaluate", trained.Detector, _folder["data"], "--device", "cpu", "--json");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("have no objects", run.Errors);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(run.Output).RootElement.GetProperty("endToEnd").GetProperty("ap").ValueKind);
        Assert.DoesNotContain("-1", run.Output);
    }

    [Fact]
    public void A_detector_is_exported_for_other_programs()
    {
        foreach (var (target, file) in ((string, string)[])[("onnx", "d.onnx"), ("mlnet", "d.zip")])
        {
            string[] size = target == "onnx" ? ["--size", "96x96!"] : [];
            var run = ConsoleRun.Of("pss-tool", ["export", trained.Detector, "--to", target, "-o", _folder[file], .. size]);
            Assert.True(run.ExitCode == 0, run.Errors);
            Assert.True(new FileInfo(_folder[file]).Length > 1_000_000);
        }
        // The zip holds a model of ML.NET.
        using var zip = System.IO.Compression.ZipFile.OpenRead(_folder["d.zip"]);
        Assert.Contains(zip.Entries, entry => entry.FullName.Contains("TransformerChain", StringComparison.Ordinal));
    }

    [Fact]
    public void An_export_in_int8_prints_what_it_costs()
    {
        string[] export = ["export", trained.Detector, "-o", _folder["d.onnx"], "--to"];
        var run = ConsoleRun.Of("pss-tool", [.. export, "onnx", "--int8", trained.Data]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Matches(@"AP on 16 images: float32 0\.\d{3}, int8 0\.\d{3}", run.Output);
        var size = new FileInfo(_folder["d.onnx"]).Length;
        var json = ConsoleRun.Of("pss-tool", [.. export, "onnx", "--int8", trained.Data, "--json", "--scaled-by-caller", "--size", "96x96!"]);
        Assert.Equal(16, JsonDocument.Parse(json.Output).RootElement.GetProperty("int8").GetProperty("images").GetInt32());
        Assert.Equal(0, ConsoleRun.Of("pss-tool", [.. export, "onnx"]).ExitCode);
        Assert.True(new FileInfo(_folder["d.onnx"]).Length > 2 * size);
        Assert.Matches(@"AP on 16 images: float32 0\.\d{3}, int8 0\.\d{3}", ConsoleRun.Of("pss-tool", [.. export, "mlnet", "--int8", trained.Data]).Output);
        Assert.True(new FileInfo(_folder["d.onnx"]).Length < 2 * size, "The zip of ML.NET is not in int8.");
        Assert.Contains("--int8", ConsoleRun.Of("pss-tool", [.. export, "onnx", "--images", trained.Data]).Errors);
    }

    [Fact]
    public void An_export_in_bfloat16_is_for_ml_net_and_not_of_int8()
    {
        string[] export = ["export", trained.Detector, "-o", _folder["d.zip"], "--bfloat16", "--to"];
        var run = ConsoleRun.Of("pss-tool", [.. export, "mlnet"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        using (var zip = System.IO.Compression.ZipFile.OpenRead(_folder["d.zip"]))
            Assert.DoesNotContain(zip.Entries, entry => entry.FullName.Contains("onnx", StringComparison.OrdinalIgnoreCase));
        foreach (var other in (string[][])[["onnx"], ["mlnet", "--int8", trained.Data]])
            Assert.Contains("--bfloat16 is for --to mlnet without --int8", ConsoleRun.Of("pss-tool", [.. export, .. other]).Errors);
    }

    [Fact]
    public void A_dataset_is_inspected_before_a_training()
    {
        var run = ConsoleRun.Of("pss-tool", "inspect", trained.Data, "-o", _folder["page.html"], "--pictures", "3");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("16 images, 0 of them without objects; 16 objects of 2 classes, 0 of them crowds", run.Output);
        Assert.Contains("class dark: 8", run.Output);
        Assert.Equal(3, File.ReadAllText(_folder["page.html"]).Split("<img ").Length - 1);
    }

    [Fact]
    public void Damaged_images_of_the_page_are_named_on_the_console_too()
    {
        TrainedFixture.Squares(_folder["data"], 1, "bright", "dark");
        var file = _folder["data", "images", "000.png"];
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^60]);
        var run = ConsoleRun.Of("pss-tool", "inspect", _folder["data"], "-o", _folder["page.html"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of 1 picture of the page could not be read: 000.png", run.Errors);
        Assert.StartsWith("1 image, 0 of them without objects; 1 object of 2 classes", run.Output, StringComparison.Ordinal);
        Assert.Contains("000.png", File.ReadAllText(_folder["page.html"]));
    }

    [Theory]
    [InlineData("FOLDER", "is a folder: name the detector's file")]
    [InlineData("text.txt", "not a detector's file")]
    [InlineData("model.zip", "not a detector's file")]
    public void What_is_no_detector_is_refused_by_saying_what_one_is(string model, string message)
    {
        _folder.Write("text.txt", "some words about a detector");
        _folder.Write("model.zip", [0x50, 0x4B, 3, 4, 20, 0, 0, 0, 8, 0, 1, 2, 3, 4]);
        var path = model == "FOLDER" ? trained.Training : _folder[model];
        var run = ConsoleRun.Of("pss-tool", "evaluate", path, trained.Data);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Errors);
        Assert.Contains("best.safetensors", run.Errors);
        if (model == "FOLDER")
            Assert.Contains(message, ConsoleRun.Of("pss-tool", "train", trained.Data, "-o", _folder["out"], "--weights", path).Errors);
    }

    [Fact]
    public void The_folder_of_an_output_is_made()
    {
        var image = Path.Combine(trained.Data, "images", "000.png");
        var detection = Detect(image, "-o", _folder["new", "found.csv"]);
        Assert.True(detection.ExitCode == 0, detection.Errors);
        var export = ConsoleRun.Of("pss-tool", "export", trained.Detector, "--to", "mlnet", "-o", _folder["other", "d.zip"]);
        Assert.True(export.ExitCode == 0, export.Errors);
        Assert.True(File.Exists(_folder["new", "found.csv"]) && File.Exists(_folder["other", "d.zip"]));
        var folder = ConsoleRun.Of("pss-tool", "export", trained.Detector, "--to", "onnx", "-o", _folder["new"]);
        Assert.Equal(1, folder.ExitCode);
        Assert.Contains("is a folder: name a file in it", folder.Errors);
        var train = ConsoleRun.Of("pss-tool", "train", trained.Data, "-o", _folder["other", "d.zip"]);
        Assert.Equal(1, train.ExitCode);
        Assert.Contains("is a file: name a folder", train.Errors);
    }

    [Fact]
    public void Messages_name_no_parameter_of_the_library()
    {
        var run = Detect("--device", "cuda:99", Path.Combine(trained.Data, "images", "000.png"));
        Assert.NotEqual(0, run.ExitCode);
        Assert.DoesNotContain("Parameter", run.Errors);
    }

    [Theory]
    [InlineData("Required argument", "train")]
    [InlineData("--max-detections must be", "detect", "x", "y", "--max-detections", "0")]
    [InlineData("Unrecognized", "evaluate", "x", "y", "--nosuch")]
    [InlineData("--treshold is no option", "detect", "x", "y", "--treshold", "0.5")]
    [InlineData("--nosuch is no option", "detect", "--nosuch", "x", "y")]
    public void Usage_errors_are_short(string message, params string[] arguments)
    {
        var run = ConsoleRun.Of("pss-tool", arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Errors);
        Assert.InRange((run.Errors + run.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 3);
    }

    private ConsoleRun Detect(params string[] arguments) => ConsoleRun.Of("pss-tool", ["detect", trained.Detector, .. arguments.Contains("--device") ? Array.Empty<string>() : ["--device", "cpu"], .. arguments]);
}
