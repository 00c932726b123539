using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;

namespace Pss.Benchmarks;

/// <summary>FCOS_PSS as an ONNX file, run by ML.NET on ONNX Runtime, against torchvision's FCOS: same size, classes and threads, taking turns.</summary>
internal static class OnnxBenchmark
{
    private const int Threads = 2;
    private const int Size = 512;
    private const int Classes = 91;

    /// <summary>Bytes of pixels to boxes at 1x3x512x512, once for each export; an argument names one of "end-to-end", "nms" and "int8".</summary>
    public static void Run(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("pss-onnx-");
        try
        {
            using var peer = new PythonPeer("torch_fcos.py", "detect", Threads);
            foreach (var (name, mode, images) in new[] { ("end-to-end", DetectionMode.EndToEnd, 0), ("nms", DetectionMode.OneToMany, 0), ("int8", DetectionMode.EndToEnd, 2) })
            {
                if (arguments.Length == 0 || arguments.Contains(name))
                    Compare($"FCOS_PSS on ONNX Runtime, {name}, 1x3x{Size}x{Size}", Path.Combine(folder.FullName, $"{name}.onnx"), mode, images, peer);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(string what, string file, DetectionMode mode, int calibrationImages, PythonPeer peer)
    {
        OnnxExporter.ExportToFile(
            Setup.Untrained(DetectorOptions.FcosPss(Classes), Resize.Letterbox(Size, Size)), file,
            new()
            {
                ScaleImages = false,
                ImageSizes = false,
                PostProcessing = new() { Mode = mode },
                CalibrationImages = calibrationImages == 0 ? null : Setup.Noise(calibrationImages, Size, Size),
            });
        var context = new MLContext();
        var options = new OnnxOptions { ModelFile = file, InputColumns = ["images"], OutputColumns = ["boxes", "scores", "labels"], IntraOpNumThreads = Threads };
        IEstimator<ITransformer> estimator = context.Transforms.ApplyOnnxModel(options);
        var transformer = estimator.Fit(context.Data.LoadFromEnumerable<Picture>([]));
        using var engine = context.Model.CreatePredictionEngine<Picture, Found>(transformer);
        var picture = new Picture();
        new Random(1).NextBytes(picture.Images);
        var found = new Found();
        SideBySide.Compare(what, () => engine.Predict(picture, ref found), peer, rounds: 7);
    }

    private sealed class Picture
    {
        [ColumnName("images"), VectorType(3 * Size * Size)]
        public byte[] Images { get; set; } = new byte[3 * Size * Size];
    }

    private sealed class Found
    {
        [ColumnName("boxes")]
        public float[] Boxes { get; set; } = [];

        [ColumnName("scores")]
        public float[] Scores { get; set; } = [];

        [ColumnName("labels")]
        public long[] Labels { get; set; } = [];
    }
}
