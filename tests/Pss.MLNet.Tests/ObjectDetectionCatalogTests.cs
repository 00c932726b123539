using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Pss.Engine.Detectors;
using Pss.Engine.Data.Scenes;

namespace Pss.MLNet.Tests;

/// <summary>mlContext.ObjectDetection(): logging, device, evaluation; and what is public.</summary>
public sealed class ObjectDetectionCatalogTests : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly TrainedDetector _trained;
    private readonly MLContext _context = new(1);
    private readonly List<(ChannelMessageKind Kind, string Text)> _messages = [];
    private readonly TemporaryFolder _folder = new();

    public ObjectDetectionCatalogTests(TrainedDetector trained)
    {
        _trained = trained;
        _context.Log += (_, message) => _messages.Add((message.Kind, message.RawMessage));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_estimators_log_to_the_context()
    {
        var keys = _context.Transforms.Conversion.MapValueToKey("Label", "Names");
        using (var model = keys.Append(_context.ObjectDetection().DetectObjectsPss(Tiny.Options)).Fit(Tiny.View(_context, 4)))
            Assert.NotEmpty(Found.Of(_context, model.Transform(Tiny.View(_context, 1))));
        AssertLogged("4 of 4 images");
        AssertLogged("Scoring on cpu");
        _messages.Clear();
        using (var loaded = _context.ObjectDetection().LoadPssDetector(_trained.File, Tiny.Options).Fit(Tiny.View(_context, 1)))
            Assert.NotEmpty(Found.Of(_context, loaded.Transform(Tiny.View(_context, 1))));
        AssertLogged("Scoring on cpu");

        void AssertLogged(string start) => Assert.Contains(_messages, message => message.Text.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_estimators_use_the_contexts_gpu()
    {
        (_context.GpuDeviceId, _context.FallbackToCpu) = (99, false);
        var options = Tiny.Options with { Inference = Tiny.Options.Inference with { Device = null } };
        var error = Assert.Throws<ArgumentException>(() => _context.ObjectDetection().LoadPssDetector(_trained.File, options).Fit(Tiny.View(_context, 1)));
        Assert.Contains("cuda:99", error.Message);
        using var other = _context.ObjectDetection().LoadPssDetector(_trained.File, options with { Context = new MLContext() }).Fit(Tiny.View(_context, 1));
        Assert.NotEmpty(Found.Of(_context, other.Transform(Tiny.View(_context, 1))));
    }

    [Fact]
    public void The_score_threshold_applies_to_both_overloads_and_is_an_annotation_of_the_scores()
    {
        using var model = Loaded(0.3f);
        using var all = Loaded(0);
        var scored = model.Transform(Tiny.View(_context, 2));
        Assert.Equal(0.3f, Annotation(scored));
        Assert.Equal(0, Annotation(all.Transform(Tiny.View(_context, 2))));
        Assert.Equal(0.3f, Annotation(_context.Transforms.CopyColumns("Copy", "Score").Fit(scored).Transform(scored), "Copy"));
        Assert.DoesNotContain(Found.Of(_context, scored).SelectMany(row => row.Score), score => score < 0.3f);
        Assert.Contains(Found.Of(_context, all.Transform(Tiny.View(_context, 2))).SelectMany(row => row.Score), score => score < 0.3f);
        var parameters = typeof(ObjectDetectionCatalog).GetMethods().Concat(typeof(PssDetectionCatalog).GetMethods())
            .SelectMany(method => method.GetParameters()).Where(parameter => parameter.Name == "scoreThreshold").ToArray();
        Assert.Equal(2, parameters.Length);
        Assert.All(parameters, parameter => Assert.Equal(new PssDetectionOptions().ScoreThreshold, parameter.DefaultValue));

        static float Annotation(IDataView view, string column = "Score")
        {
            var value = -1f;
            view.Schema[column].Annotations.GetValue("ScoreThreshold", ref value);
            return value;
        }
    }

    [Fact]
    public void Evaluation_warns_of_a_score_threshold()
    {
        var data = Scenes();
        using var all = Loaded(0);
        _context.ObjectDetection().Evaluate(all.Transform(data));
        Assert.Empty(Warnings());
        using var some = Loaded(0.01f);
        var scored = some.Transform(data);
        _context.ObjectDetection().Evaluate(scored);
        Assert.Contains("ScoreThreshold 0.01;", Assert.Single(Warnings()));
        Assert.Contains("ScoreThreshold = 0", Warnings()[0]);
        _messages.Clear();
        var options = new PssDetectionOptions { ScoreColumnName = "Copy" };
        _context.ObjectDetection().Evaluate(_context.Transforms.CopyColumns("Copy", "Score").Fit(scored).Transform(scored), options);
        Assert.Contains("'Copy'", Assert.Single(Warnings()));
    }

    [Fact]
    public void Evaluation_of_a_saved_model_warns_if_there_are_no_low_scores()
    {
        var data = Scenes();
        foreach (var (threshold, isWarned) in new[] { (0.05f, true), (0f, false) })
        {
            using var model = Loaded(threshold);
            Assert.NotEmpty(model.Transform(data).GetColumn<float[]>("Score").SelectMany(scores => scores));
            _context.Model.Save(model, data.Schema, _folder["model.zip"]);
            var chain = _context.Model.Load(_folder["model.zip"], out _);
            using var loaded = (IDisposable)chain;
            _messages.Clear();
            _context.ObjectDetection().Evaluate(chain.Transform(data));
            Assert.Equal(isWarned ? 1 : 0, Warnings().Count(warning => warning.StartsWith("No detection in column 'Score' has a score below 0.", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Evaluation_is_canceled()
    {
        using var model = Loaded(0);
        var scored = model.Transform(Scenes());
        Assert.Throws<OperationCanceledException>(() => _context.ObjectDetection().Evaluate(scored, cancellationToken: new(canceled: true)));
    }

    [Fact]
    public void Only_what_a_user_calls_is_public()
        => Assert.Equal(
            ["ObjectDetectionCatalog", "PssDetectionCatalog", "PssDetectionEstimator", "PssDetectionOptions", "PssDetectionTransformer"],
            typeof(PssDetectionOptions).Assembly.GetExportedTypes().Select(type => type.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void No_more_types_are_public_than_the_house_allows()
    {
        // The compiler adds types with a < in their names.
        var types = new[] { typeof(PssDetectionOptions), typeof(Pss.Engine.Inference.DetectorModel) }.SelectMany(type => type.Assembly.GetExportedTypes()).Where(type => !type.FullName!.Contains('<'));
        // The options of each further detector of the paper come on top.
        var further = types.Count(type => type.IsSubclassOf(typeof(DetectorOptions))) - 2;
        Assert.InRange(types.Count() - further, 1, 72);
    }

    private PssDetectionTransformer Loaded(float scoreThreshold)
        => _context.ObjectDetection().LoadPssDetector(_trained.Model with { Classes = ["bright", "dark"] }, Tiny.Options with { ScoreThreshold = scoreThreshold, Inference = new() { Device = "cpu" } }).Fit(Tiny.View(_context, 1));

    private IDataView Scenes()
    {
        var scenes = new SceneGenerator(new() { Width = 64, Height = 64, MinSize = 10, MaxSize = 30, MaxObjects = 3, OneClass = true }, 5);
        return _context.Data.LoadFromDataset(scenes.Dataset(0, 4));
    }

    private string[] Warnings() => [.. _messages.Where(message => message.Kind == ChannelMessageKind.Warning).Select(message => message.Text)];
}
