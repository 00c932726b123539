using System.Globalization;
using System.Text;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;
using Pss.Engine.Reports;
using Pss.Engine.Tests.Data.Formats;
using Pss.Engine.Tests.Training;
using Pss.Engine.Training;

namespace Pss.Engine.Tests;

/// <summary>What is written is the same to the byte in every culture, and what is read means the same.</summary>
[Collection(nameof(Cultures))]
public sealed class CultureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void Annotations_are_written_and_read_alike(string culture)
    {
        var dataset = Fractions(_folder["pictures"]);
        var results = dataset.Images.SelectMany(image => image.Objects.Select(item => new DetectionResult(image.Id, item.Label + 1, item.Box, 0.123456))).ToArray();
        AssertSame(culture, form =>
        {
            CocoWriter.Write(_folder[form, "coco"], dataset, copyImages: true);
            VocWriter.Write(_folder[form, "voc"], dataset, copyImages: true);
            YoloWriter.Write(_folder[form, "yolo"], dataset, copyImages: true);
            CocoResults.Write(_folder[form, "results.json"], results);
        });
        Assert.Equal(Read("invariant"), CulturesTheoryAttribute.In(culture, () => Read(culture)));

        string Read(string form) => string.Join('\n', ((string[])["coco", "voc", "yolo"]).SelectMany(kind => DetectionDataset.Load(_folder[form, kind]).Images).Select(Line)
            .Concat(CocoResults.Read(_folder[form, "results.json"]).Select(result => FormattableString.Invariant($"{result.ImageId} {result.Box.X} {result.Box.Width} {result.Score}"))));
    }

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void Vott_and_capital_extensions_are_read_alike(string culture)
    {
        foreach (var name in (string[])["ISTANBUL.JPG", "ISTANBUL.GIF", "ISTANBUL.TIF"])
            new RgbImage(40, 30).SavePng(_folder.Write(name, ""));
        _folder.Write("vott.CSV", "\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\n\"ISTANBUL.JPG\",1.5,2.25,11.5,12.75,\"İ\"\n\"ISTANBUL.TIF\",0,1e0,20.125,+3.5,\"I\"\n");
        _folder.Write("yolo/DATA.YAML", "path: .\ntrain: IMAGES\nnames: [I, i]\n");
        Directory.CreateDirectory(_folder["yolo", "IMAGES"]);
        new RgbImage(40, 30).SavePng(_folder["yolo", "IMAGES", "IMAGE.GIF"]);
        _folder.Write("yolo/IMAGES/IMAGE.txt", "1 0.5 0.5 0.25 0.125\n");
        var expected = CulturesTheoryAttribute.In("", Read);
        Assert.Equal(3, expected.Split('\n').Length);
        Assert.Equal(expected, CulturesTheoryAttribute.In(culture, Read));

        string Read() => string.Join('\n', DetectionDataset.Load(_folder["vott.CSV"]).Images.Concat(DetectionDataset.Load(_folder["yolo"]).Images).Select(Line));
    }

    [CulturesTheory]
    [MemberData(nameof(CulturesTheoryAttribute.Rows), MemberType = typeof(CulturesTheoryAttribute))]
    public void Training_detector_export_and_report_are_alike(string culture)
    {
        var squares = new TinyDetector.Squares(6);
        var truth = TinyDetector.Truth(6);
        AssertSame(culture, form =>
        {
            var training = TinyDetector.Training with { OutputFolder = _folder["log"], LearningRate = 0.0125 };
            var model = TinyDetector.Trainer(training).Train(squares, TinyDetector.Classes, truth);
            // What it measures of time is its own each time.
            var log = TrainingLog.Read(_folder["log", TrainingLog.FileName]).Select(step => step with { ImagesPerSecond = 1.5, TimeLeft = TimeSpan.FromSeconds(1.5) }).ToArray();
            File.WriteAllText(_folder.Write(Path.Combine(form, "log.txt"), ""), string.Join('\n', log.Select(step => FormattableString.Invariant($"{step.LearningRate} {step.Losses["total"]} {step.Evaluation}"))));
            Directory.Delete(_folder["log"], recursive: true);
            model.Save(_folder[form, "detector.safetensors"]);
            var loaded = DetectorModel.Load(_folder[form, "detector.safetensors"]);
            OnnxExporter.ExportToFile(loaded, _folder[form, "detector.onnx"], new() { Width = 64, Height = 64, PostProcessing = new() { ScoreThreshold = 0.05f } });
            var evaluation = DetectorEvaluation.Run(loaded, truth, "cpu");
            new DetectorReport
            {
                Title = "Title",
                Model = loaded,
                Truth = truth,
                Evaluation = evaluation,
                Log = log,
                Pictures = 3,
                Date = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero),
                Settings = DetectorReport.TrainingSettings(training with { OutputFolder = null }, TinyDetector.Augmentation),
                Device = "cpu",
            }.Save(_folder[form, "report.html"]);
        });
    }

    /// <summary>Writes files in the invariant culture and in the other one, each into a folder of its name, and compares them.</summary>
    private void AssertSame(string culture, Action<string> write)
    {
        foreach (var (form, name) in ((string, string)[])[("invariant", ""), (culture, culture)])
        {
            Directory.CreateDirectory(_folder[form]);
            CulturesTheoryAttribute.In(name, () =>
            {
                write(form);
                return 0;
            });
        }
        var files = Files("invariant");
        Assert.NotEmpty(files);
        Assert.Equal(files, Files(culture));
        Assert.All(files, file => Assert.True(File.ReadAllBytes(_folder["invariant", file]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder[culture, file])), file));

        string[] Files(string form) => [.. Directory.GetFiles(_folder[form], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder[form], file)).Order(StringComparer.Ordinal)];
    }

    private static DetectionDataset Fractions(string pictures)
    {
        var whole = SmallDataset.Make(pictures);
        return new()
        {
            Categories = whole.Categories,
            Images = [.. whole.Images.Select(image => image with
            {
                Objects = [.. image.Objects.Select(item => item with { Box = new(item.Box.X + 0.125, item.Box.Y + 0.25, item.Box.Width * 0.75, item.Box.Height * 0.5) })],
            })],
        };
    }

    private static string Line(ImageRecord image)
    {
        var line = new StringBuilder(FormattableString.Invariant($"{Path.GetFileName(image.FileName)} {image.Width} {image.Height}"));
        foreach (var item in image.Objects)
            line.Append(CultureInfo.InvariantCulture, $"; {item.Label} {item.Box.X} {item.Box.Y} {item.Box.Width} {item.Box.Height} {item.Area} {item.IsCrowd}");
        return line.ToString();
    }
}
