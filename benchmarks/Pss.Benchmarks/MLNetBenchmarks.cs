using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Pss.Engine.Backbones;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Training;
using Pss.MLNet;

namespace Pss.Benchmarks;

/// <summary>The detector as ML.NET's users run it: throughput, memory, and the saved model against the one that was saved.</summary>
internal static class MLNetBenchmarks
{
    private const int BatchSize = 8;
    private static readonly MLContext Context = new(1);

    /// <summary>
    /// Images a second of Transform over JPEG files against the engine fed with ready inputs, taking turns.
    /// `transform [FOLDER] [IMAGES] [ROUNDS] [resnet18 | resnet50]`; without a folder of JPEG files scenes are drawn.
    /// </summary>
    public static void Transform(string[] arguments)
    {
        using var pictures = new Pictures(arguments.FirstOrDefault());
        var count = Setup.Number(arguments, 1, 300);
        var files = pictures.Paths(count);
        var only = arguments.Length > 3 ? arguments[3] : "";
        if (only != "resnet18")
            Compare("ResNet-50, 512x512", Setup.Untrained(DetectorOptions.FcosPss(80), Resize.Letterbox(512, 512)), files, Setup.Number(arguments, 2, 3));
        if (only != "resnet50")
            Compare("ResNet-18, 320x256", Setup.Untrained(TrainingRecipe.FromScratch(classes: 3, images: 205).Detector, Resize.Letterbox(320, 256)), files, Setup.Number(arguments, 2, 3));
    }

    /// <summary>
    /// Images per second of Transform over photos of 12 megapixels: by their paths, which are decoded on worker threads at the size that is needed, against
    /// ML.NET's LoadImages, which decodes all pixels; and by path with the same model saved in int8. `photos [IMAGES] [ROUNDS]`.
    /// </summary>
    public static void Photos(string[] arguments)
    {
        var (count, rounds) = (Setup.Number(arguments, 0, 300), Setup.Number(arguments, 1, 3));
        var folder = Directory.CreateTempSubdirectory("pss-photos-").FullName;
        try
        {
            Pictures.Draw(folder, new() { Width = 4000, Height = 3000, MaxSize = 1500 }, 6);
            var files = Directory.GetFiles(folder);
            var rows = Enumerable.Range(0, count).Select(i => new Picture { ImagePath = files[i % files.Length] }).ToArray();
            var view = Context.Data.LoadFromEnumerable(rows);
            var model = Setup.Untrained(TrainingRecipe.FromScratch(classes: 3, images: 205).Detector, Resize.Letterbox(320, 256));
            var options = new PssDetectionOptions { ScoreThreshold = 0, ScoringBatchSize = BatchSize };
            using var loaded = Context.Transforms.LoadImages("Image", "", "ImagePath").Append(Context.Transforms.LoadPssDetector(model, options)).Fit(view);
            var calibration = Context.Data.LoadFromEnumerable(rows.Take(files.Length).ToArray());
            using var paths = Context.Transforms.LoadPssDetector(model, options with { ImageColumnName = "ImagePath", SavedCalibration = calibration }).Fit(view);
            using var saved = Reloaded(paths, view.Schema);
            var (ratios, ofInt8) = (new List<double>(), new List<double>());
            for (var round = 0; round <= rounds; round++)
            {
                var (byPath, byImage, byInt8) = (Rate(paths), Rate(loaded), Rate(saved.Model));
                if (round > 0)
                {
                    ratios.Add(byPath / byImage);
                    ofInt8.Add(byInt8 / byImage);
                }
                Print($"{count} JPEG files of 12 megapixels{(round > 0 ? "" : ", warm-up")}: by path {byPath:f1} images/s, saved in int8 {byInt8:f1} images/s, after LoadImages {byImage:f1} images/s, ratios {byPath / byImage:f2} and {byInt8 / byImage:f2}");
            }
            Print($"median ratios {SideBySide.Median(ratios):f2} by path, {SideBySide.Median(ofInt8):f2} saved in int8");

            double Rate(ITransformer transformer)
            {
                var start = Stopwatch.GetTimestamp();
                return Context.Data.CreateEnumerable<Found>(transformer.Transform(view), reuseRowObject: true).Count() / Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Resident memory over 2,000 images, after 200 to warm up: through one cursor and through a PredictionEngine, of the transformer and of the
    /// saved model. `memory [FOLDER] [IMAGES]`; without a folder of JPEG files scenes are drawn.
    /// </summary>
    public static void Memory(string[] arguments)
    {
        using var pictures = new Pictures(arguments.FirstOrDefault());
        var (count, warmUp) = (Setup.Number(arguments, 1, 2000), 200);
        var rows = pictures.Paths(count + warmUp).Select(path => new Picture { ImagePath = path }).ToArray();
        var view = Context.Data.LoadFromEnumerable(rows);
        var small = DetectorOptions.FcosPss(3) with
        {
            Backbone = ResNetOptions.ResNet18.FromScratch() with { Width = 16 },
            Pyramid = new() { Channels = 32 },
            Head = new() { Convolutions = 1, Groups = 8 },
            Selector = new() { Groups = 8 },
        };
        using var trained = Chain(Setup.Untrained(small, Resize.Letterbox(320, 256)), view);
        Through("TorchSharp", trained);
        using var saved = Reloaded(trained, view.Schema);
        Through("saved and loaded", saved.Model);

        void Through(string what, ITransformer model)
        {
            var memory = new Growth(warmUp);
            foreach (var _ in Context.Data.CreateEnumerable<Found>(model.Transform(view), reuseRowObject: true))
                memory.Count();
            memory.Print($"{what}, one cursor");
            memory = new Growth(warmUp);
            using var engine = Context.Model.CreatePredictionEngine<Picture, Found>(model, new PredictionEngineOptions { OwnsTransformer = false });
            foreach (var row in rows)
            {
                engine.Predict(row);
                memory.Count();
            }
            memory.Print($"{what}, PredictionEngine");
        }
    }

    /// <summary>
    /// Detections of a trained detector by TorchSharp against those of the same model saved and loaded.
    /// `saved DETECTOR.safetensors IMAGES.json`; the images are those of a COCO file.
    /// </summary>
    public static void Saved(string[] arguments)
    {
        if (arguments.Length < 2)
            throw new ArgumentException("Name the detector and the images: dotnet run -c Release --project benchmarks/Pss.Benchmarks -- saved DETECTOR.safetensors IMAGES.json");
        var view = Context.Data.LoadFromCoco(arguments[1]);
        using var trained = Chain(DetectorModel.Load(arguments[0]), view);
        using var saved = Reloaded(trained, view.Schema);
        var (detections, lost, box, score) = (0, 0, 0f, 0f);
        foreach (var (expected, found) in Rows(trained).Zip(Rows(saved.Model)))
        {
            detections += expected.Score.Length;
            for (var i = 0; i < expected.Score.Length; i++)
            {
                // Ties may change places, and the last of the best may be another: what has no partner is counted.
                var nearest = Enumerable.Range(0, found.Score.Length).Where(j => found.PredictedLabel[j] == expected.PredictedLabel[i])
                    .Select(j => (Box: Distance(expected, i, found, j), Score: Math.Abs(expected.Score[i] - found.Score[j]))).DefaultIfEmpty((Box: float.MaxValue, Score: 1)).MinBy(pair => pair.Box);
                if (nearest.Box > 1)
                    lost++;
                else
                    (box, score) = (Math.Max(box, nearest.Box), Math.Max(score, nearest.Score));
            }
        }
        Print($"{detections} detections of TorchSharp against the saved model: largest difference of a box {box:g3} px, of a score {score:g3}; {lost} without a partner");

        IEnumerable<Found> Rows(ITransformer model) => Context.Data.CreateEnumerable<Found>(model.Transform(view), reuseRowObject: false);

        static float Distance(Found a, int i, Found b, int j)
            => Enumerable.Range(0, 4).Max(side => Math.Abs(a.PredictedBoundingBoxes[4 * i + side] - b.PredictedBoundingBoxes[4 * j + side]));
    }

    private static void Compare(string what, DetectorModel model, string[] files, int rounds)
    {
        using var detector = new Detector(model);
        var ready = files.Chunk(BatchSize).Select(batch => detector.Prepare([.. batch.Select(RgbImage.Load)])).ToArray();
        var view = Context.Data.LoadFromEnumerable(files.Select(path => new Picture { ImagePath = path }).ToArray());
        using var chain = Chain(model, view);
        var scored = chain.Transform(view);
        var ratios = new List<double>();
        for (var round = 0; round <= rounds; round++)
        {
            var engine = Seconds(() => ready.Sum(detect => detect().Count));
            var transform = Seconds(() => Context.Data.CreateEnumerable<Found>(scored, reuseRowObject: true).Count());
            if (round > 0)
                ratios.Add(engine / transform);
            Print($"{what}, {files.Length} JPEG files{(round > 0 ? "" : ", warm-up")}: ready inputs {files.Length / engine:f1} images/s, Transform {files.Length / transform:f1} images/s, ratio {engine / transform:f3}");
        }
        Print($"{what}: median ratio {SideBySide.Median(ratios):f3}");

        static double Seconds(Func<int> work)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static TransformerChain<PssDetectionTransformer> Chain(DetectorModel model, IDataView view)
        => Context.Transforms.LoadImages("Image", "", "ImagePath")
            .Append(Context.Transforms.LoadPssDetector(model, new() { ScoreThreshold = 0, ScoringBatchSize = BatchSize })).Fit(view);

    private static LoadedModel Reloaded(ITransformer model, DataViewSchema schema)
    {
        var file = Path.GetTempFileName();
        try
        {
            Context.Model.Save(model, schema, file);
            return new(new MLContext().Model.Load(file, out _));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private sealed record LoadedModel(ITransformer Model) : IDisposable
    {
        public void Dispose() => (Model as IDisposable)?.Dispose();
    }

    /// <summary>Resident memory since the end of the warm-up.</summary>
    private sealed class Growth(int warmUp)
    {
        private const int Every = 200;
        private long _start;
        private long _most;
        private int _count;

        public void Count()
        {
            if (++_count % Every != 0 || _count < warmUp)
                return;
            var now = MemoryBenchmarks.ResidentMemory();
            (_start, _most) = _count == warmUp ? (now, now) : (_start, Math.Max(_most, now));
        }

        public void Print(string what) => MLNetBenchmarks.Print(
            $"{what}: {_count - warmUp} images, resident memory {(MemoryBenchmarks.ResidentMemory() - _start) / 1e6:+0.0;-0.0} MB at the end, {(_most - _start) / 1e6:+0.0;-0.0} MB at most");
    }

    private sealed class Picture
    {
        public string ImagePath { get; set; } = "";
    }

    private sealed class Found
    {
        public uint[] PredictedLabel { get; set; } = [];

        public float[] PredictedBoundingBoxes { get; set; } = [];

        public float[] Score { get; set; } = [];
    }
}
