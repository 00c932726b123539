using Microsoft.ML;
using Pss.Engine.Data.Images;
using Pss.Engine.Tests;
using Pss.MLNet.Rows;

namespace Pss.MLNet.Tests;

/// <summary>Temporary files: limited, told of, and gone.</summary>
public sealed class TemporaryFileTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public void On_Linux_decoded_images_lie_in_a_file_without_a_name_which_no_kill_can_leave_behind()
    {
        using var cache = new PixelCache(_folder[""], 1 << 20);
        var image = new RgbImage(5, 4, [.. Enumerable.Range(0, 60).Select(i => (byte)i)]);
        cache.Add(new(7, 3));
        Assert.Equal(1, cache.Add(image));
        Assert.Empty(Directory.GetFiles(_folder[""]));
        Assert.Equal(image.Pixels, cache.Load(1).Pixels);
    }

    [Fact]
    public void A_temporary_file_stays_below_its_limit_and_is_told_of()
    {
        var context = new MLContext(1) { TempFilePath = _folder[""] };
        var messages = new List<string>();
        context.Log += (_, message) => messages.Add(message.RawMessage);
        var error = Assert.Throws<IOException>(() => Fit(100_000));
        Assert.Contains("MaxTemporaryBytes", error.Message);
        Assert.Contains("100,000 bytes", error.Message);
        Fit(16L << 30).Dispose();
        Assert.Contains(messages, message => message.Contains("temporary file of", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_folder[""], "*", SearchOption.AllDirectories));

        IDisposable Fit(long limit) => Tiny.Pipeline(context, Tiny.Options with { Context = context, MaxTemporaryBytes = limit }).Fit(Tiny.View(context, 12));
    }

    [Fact]
    public void A_loaded_model_that_is_disposed_of_leaves_nothing_in_the_temporary_folder()
    {
        var context = new MLContext(1) { TempFilePath = _folder[""] };
        var view = Tiny.View(context, 2);
        using (var model = context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(view))
            context.Model.Save(model, view.Schema, _folder["model.zip"]);
        var loaded = context.Model.Load(_folder["model.zip"], out _);
        Assert.Equal(2, Found.Of(context, loaded.Transform(view)).Length);
        ((IDisposable)loaded).Dispose();
        Assert.Equal("model.zip", Path.GetFileName(Assert.Single(Directory.GetFiles(_folder[""], "*", SearchOption.AllDirectories))));
    }

    [Fact]
    public async Task A_pool_of_engines_serves_many_threads()
    {
        var context = new MLContext(1);
        var view = Tiny.View(context, 8);
        using (var model = context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(view))
            context.Model.Save(model, view.Schema, _folder["model.zip"]);
        var loaded = context.Model.Load(_folder["model.zip"], out _);
        using var disposable = (IDisposable)loaded;
        var expected = Found.Of(context, loaded.Transform(view));
        var rows = Tiny.Rows(8).ToArray();

        // The lines of docs/serving.md.
        var engines = new System.Collections.Concurrent.ConcurrentBag<PredictionEngine<SquareRow, Found>>();
        Found Predict(SquareRow row)
        {
            if (!engines.TryTake(out var engine))
                engine = context.Model.CreatePredictionEngine<SquareRow, Found>(loaded);
            try
            {
                return engine.Predict(row);
            }
            finally
            {
                engines.Add(engine);
            }
        }

        var found = await Task.WhenAll(rows.Concat(rows).Concat(rows).Select(row => Task.Run(() => Predict(row))));
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(expected[i % 8].PredictedBoundingBoxes, found[i].PredictedBoundingBoxes);
    }
}
