using System.Text.Json;
using Pss.Engine.Data;
using Pss.Engine.Data.Augmentation;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Data.Loading;
using Pss.Engine.Inference;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Inference;

/// <summary>Files that the library wrote before detectors had records of their own (version 1) mean the same as they did then.</summary>
public sealed class OlderFilesTests : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "FilesOfVersion1");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fcos")]
    [InlineData("fcos_pss")]
    [InlineData("atss")]
    [InlineData("atss_pss")]
    [InlineData("torchvision_fcos")]
    [InlineData("every_option")]
    public void A_detector_file_gives_the_detections_it_gave(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "detections.json")));
        using var detector = Detector.Load(Path.Combine(Folder, $"{name}.safetensors"), new() { Device = "cpu", PostProcessing = new() { MaxDetections = 6, CandidateThreshold = 0 } });
        var expected = document.RootElement.GetProperty(name).EnumerateArray().Select(image => image.EnumerateArray().Select(ToDetection).ToArray()).ToArray();
        Assert.Equal(2, expected.Length);
        for (var image = 0; image < expected.Length; image++)
        {
            var found = detector.Detect(RgbImage.Load(Path.Combine(Folder, "scenes", "images", $"scene_00000{image}.png")));
            Assert.NotEmpty(found);
            Assert.Equal(expected[image].Select(detection => detection.Label), found.Select(detection => detection.Label));
            foreach (var (one, other) in expected[image].Zip(found))
            {
                Assert.Equal(one.Score, other.Score, 1e-5f);
                Assert.All(new[] { one.X1 - other.X1, one.Y1 - other.Y1, one.X2 - other.X2, one.Y2 - other.Y2 }, difference => Assert.InRange(difference, -0.01f, 0.01f));
            }
        }
    }

    [Theory]
    [InlineData("fcos")]
    [InlineData("every_option")]
    public void Written_again_a_file_keeps_every_option(string name)
    {
        var model = DetectorModel.Load(Path.Combine(Folder, $"{name}.safetensors"));
        model.Save(_folder["again.safetensors"]);
        var again = DetectorModel.Load(_folder["again.safetensors"]);
        Assert.Equal(OptionsJson.Write(model.Options), OptionsJson.Write(again.Options));
        Assert.Equal(model.Classes, again.Classes);
    }

    [Fact]
    public void A_checkpoint_is_resumed_to_the_weights_it_led_to()
    {
        var dataset = CocoReader.Read(Path.Combine(Folder, "scenes", "annotations.json"));
        var model = DetectorModel.Load(Path.Combine(Folder, "checkpoint.safetensors"));
        File.Copy(Path.Combine(Folder, "checkpoint.safetensors"), _folder["checkpoint.safetensors"]);
        // One step of two passes is left of the last epoch's two: it is averaged over the step now, not over its passes.
        var training = new TrainingOptions
        {
            Schedule = new() { Epochs = 2, DecayEpochs = [], WarmUpSteps = 2 },
            BatchSize = 2,
            NominalBatch = 4,
            ReferenceBatch = 4,
            Device = "cpu",
            Workers = 1,
            Seed = 5,
            OutputFolder = _folder.Path,
            ChannelsLast = false,
            Resume = true,
        };
        var augmentation = new AugmentationOptions { Sizes = [Resize.Letterbox(96, 64), Resize.ShortestEdge(56, 90)] };
        var steps = new List<long>();
        var resumed = new DetectorTrainer(model.Options, training, augmentation, model.Resize)
            .Train(dataset, progress: new Recorder(steps));
        Assert.Equal([4], steps);
        var expected = DetectorModel.Load(Path.Combine(Folder, "resumed.safetensors")).Weights;
        foreach (var weight in expected.Tensors)
        {
            var (one, other) = (weight.ToSingles(), resumed.Weights[weight.Name].ToSingles());
            Assert.True(one.Zip(other).All(pair => Math.Abs(pair.First - pair.Second) < 0.01), weight.Name);
        }
    }

    private static Detection ToDetection(JsonElement item)
    {
        var numbers = item.EnumerateArray().Select(number => number.GetSingle()).ToArray();
        return new(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], (int)numbers[5]);
    }

    private sealed class Recorder(List<long> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value.Step);
    }
}
