using Microsoft.ML;
using Microsoft.ML.Data;

namespace Pss.MLNet.Tests;

/// <summary>An image column that holds file names: the same as the images themselves, in training, scoring and saving.</summary>
public sealed class FileColumnTests(TrainedDetector trained) : IClassFixture<TrainedDetector>, IDisposable
{
    private static readonly PssDetectionOptions Options = Tiny.Options with { ImageColumnName = "ImagePath" };
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_on_files_gives_the_weights_of_training_on_images()
    {
        using var fromImages = Tiny.Pipeline(_context).Fit(Tiny.View(_context, 8));
        using var fromFiles = Tiny.Pipeline(_context, Options).Fit(View(8));
        Assert.Equal(Weights(fromImages), Weights(fromFiles));

        static byte[] Weights(TransformerChain<PssDetectionTransformer> model)
        {
            var file = Path.GetTempFileName();
            model.LastTransformer.SaveDetector(file);
            var bytes = File.ReadAllBytes(file);
            File.Delete(file);
            return bytes;
        }
    }

    [Fact]
    public void Files_are_scored_as_images_are_and_an_empty_name_is_no_image()
    {
        using var images = _context.Transforms.LoadPssDetector(trained.File, Tiny.Options).Fit(Tiny.View(_context, 1));
        var expected = Found.Of(_context, images.Transform(Tiny.View(_context, 6)));
        using var files = Transformer();
        Found.AssertSame(expected, Found.Of(_context, files.Transform(View(6))));
        using var engine = _context.Model.CreatePredictionEngine<SquareRow, Found>(files, new PredictionEngineOptions { OwnsTransformer = false });
        Found.AssertClose(expected, Rows(6).Select(engine.Predict));
        Assert.Empty(engine.Predict(new() { ImagePath = " ", Names = [], BoundingBoxes = [] }).Score);
    }

    [Fact]
    public void A_saved_model_reads_the_files_in_a_process_that_knows_nothing_of_images()
    {
        var rows = Rows(4);
        using var model = Transformer();
        var expected = Found.Of(_context, model.Transform(_context.Data.LoadFromEnumerable(rows)));
        _context.Model.Save(model, View(1).Schema, _folder["model.zip"]);
        var lines = FreshProcess.RunIn(FreshProcess.OutputOf("Pss.MLNet.Tests.Loader"), "Pss.MLNet.Tests.Loader", [_folder["model.zip"], .. rows.Select(row => row.ImagePath)]);
        Assert.Equal(9, lines.Length); // four of the view, four of the engine, one of the libraries
        for (var i = 0; i < 8; i++)
        {
            var scores = lines[i].Split(';')[2].Split(' ').Select(score => float.Parse(score, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(expected[i % 4].Score.Length, scores.Length);
            Assert.All(scores.Zip(expected[i % 4].Score), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
        }
    }

    [Fact]
    public void Rows_of_a_dataset_need_no_LoadImages()
    {
        var scenes = new Pss.Engine.Data.Scenes.SceneGenerator(new() { Width = 64, Height = 64, MinSize = 10, MaxSize = 30, MaxObjects = 3 });
        Pss.Engine.Data.Scenes.SceneFiles.Write(_folder["scenes"], scenes, 0, 6);
        var data = _context.Data.LoadFromCoco(_folder["scenes", "annotations.json"]);
        using var model = _context.Transforms.DetectObjectsPss(Options).Fit(data);
        Assert.Equal(10, model.Transform(data).GetColumn<float[]>("Score").First().Length);
    }

    [Fact]
    public void A_lost_or_broken_file_is_named_by_row_in_training_scoring_and_a_saved_model()
    {
        var rows = Rows(4);
        File.WriteAllText(rows[2].ImagePath, "no image");
        rows[3].ImagePath = _folder["lost.png"];
        foreach (var (index, name) in new[] { (2, "2.png"), (3, "lost.png") })
        {
            var view = _context.Data.LoadFromEnumerable(new[] { rows[0], rows[index] });
            var training = Assert.Throws<InvalidDataException>(() => Tiny.Pipeline(_context, Options).Fit(view));
            Assert.Contains("Row 1", training.Message);
            Assert.Contains(name, training.Message);
            using var model = Transformer();
            var scoring = Assert.Throws<InvalidDataException>(() => Found.Of(_context, model.Transform(view)));
            Assert.Contains("Row 1", scoring.Message);
            Assert.Contains(name, scoring.Message);
            _context.Model.Save(model, view.Schema, _folder["model.zip"]);
            var loaded = _context.Model.Load(_folder["model.zip"], out _);
            var saved = Assert.ThrowsAny<Exception>(() => Found.Of(_context, loaded.Transform(view)));
            Assert.Contains(name, saved.ToString());
        }
    }

    [Fact]
    public void A_vector_of_names_is_refused_with_both_types()
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.DetectObjectsPss(Options with { ImageColumnName = "Names" }).Fit(View(1)));
        Assert.Contains("'Names' has type Vector<String", fault.Message);
        Assert.Contains("Image or String", fault.Message);
    }

    private PssDetectionTransformer Transformer() => _context.Transforms.LoadPssDetector(trained.File, Options).Fit(View(1));

    private IDataView View(int count) => _context.Data.LoadFromEnumerable(Rows(count));

    private SquareRow[] Rows(int count)
    {
        var rows = Tiny.Rows(count).ToArray();
        foreach (var row in rows)
        {
            row.ImagePath = _folder[$"{row.Number}.png"];
            Tiny.Picture(row).SavePng(row.ImagePath);
            row.Image = null;
        }
        return rows;
    }
}
