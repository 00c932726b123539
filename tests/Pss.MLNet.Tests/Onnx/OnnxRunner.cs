using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;
using Pss.Engine.Onnx;

namespace Pss.MLNet.Tests.Onnx;

/// <summary>Runs an exported detector by ApplyOnnxModel.</summary>
internal sealed class OnnxRunner : IDisposable
{
    public const int Batch = 3;
    private const int Pixels = Batch * 3 * RandomDetectors.Height * RandomDetectors.Width;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pss-onnx-");
    private readonly DetectorModel _model;
    private readonly string _file;
    private readonly MLContext _ml = new();

    public OnnxRunner(DetectorModel model, OnnxExportOptions options)
    {
        _model = model;
        _file = Path.Combine(_folder.FullName, "model.onnx");
        OnnxExporter.ExportToFile(model, _file, options);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The Pipeline signature; a null image is a missing one.</summary>
    public IReadOnlyList<Detection> Detect(RgbImage? image)
    {
        var (width, height) = new OnnxExportOptions().SizeFor(_model.Resize);
        var row = new PipelineRow { Pixels = new byte[3 * width * height], Geometry = new float[4] };
        if (image is not null)
        {
            var geometry = _model.Resize.For(image.Width, image.Height) with { OutWidth = width, OutHeight = height };
            geometry.WritePlanes(image, row.Pixels);
            row.Geometry = [(float)geometry.ScaleX, (float)geometry.ScaleY, geometry.Width, geometry.Height];
        }
        var view = Apply(_ml.Transforms.ApplyOnnxModel(_file), _ml.Data.LoadFromEnumerable([row]));
        var boxes = view.GetColumn<float[]>("__pss.boxes").Single() ?? [];
        var scores = view.GetColumn<float[]>("__pss.scores").Single() ?? [];
        var names = view.GetColumn<string[]>("__pss.labels").Single() ?? [];
        Assert.Equal((scores.Length, 4 * scores.Length), (names.Length, boxes.Length));
        return [.. scores.Select((score, i) => Row(boxes, i, score, Array.IndexOf([.. _model.Classes], names[i])))];
    }

    /// <summary>The Plain signature with image sizes, in pixels of the input.</summary>
    public IReadOnlyList<Detection>[] DetectBatch(IReadOnlyList<RgbImage> images, bool dynamic)
    {
        Assert.Equal(Batch, images.Count);
        var input = DetectorInput.Create(images, _model.Resize);
        Assert.Equal((RandomDetectors.Width, RandomDetectors.Height), (input.Width, input.Height));
        var row = new PlainRow { Images = input.Pixels, Sizes = [.. input.ImageSizes.SelectMany(size => new float[] { size.Width, size.Height })] };
        var options = new OnnxOptions { ModelFile = _file, InputColumns = ["images", "sizes"], OutputColumns = ["boxes", "scores", "labels"] };
        if (dynamic)
        {
            options.ShapeDictionary = new Dictionary<string, int[]>
            {
                ["images"] = [Batch, 3, RandomDetectors.Height, RandomDetectors.Width],
                ["sizes"] = [Batch, 2],
                ["boxes"] = [Batch, 100, 4],
                ["scores"] = [Batch, 100],
                ["labels"] = [Batch, 100],
            };
        }
        var view = Apply(_ml.Transforms.ApplyOnnxModel(options), _ml.Data.LoadFromEnumerable([row]));
        var boxes = view.GetColumn<float[]>("boxes").Single();
        var scores = view.GetColumn<float[]>("scores").Single();
        var labels = view.GetColumn<long[]>("labels").Single();
        Assert.Equal((Batch * 400, Batch * 100, Batch * 100), (boxes.Length, scores.Length, labels.Length));
        var all = scores.Select((score, i) => Row(boxes, i, score, (int)labels[i])).ToArray();
        Assert.All(all.Where(d => d.Label < 0), d => Assert.Equal(new Detection(0, 0, 0, 0, 0, -1), d));
        return [.. all.Chunk(100).Select(image => image.Where(d => d.Label >= 0).ToArray())];
    }

    private static Detection Row(float[] boxes, int i, float score, int label) => new(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], score, label);

    private static IDataView Apply(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    private sealed class PipelineRow
    {
        [ColumnName("__pss.pixels"), VectorType]
        public byte[] Pixels { get; set; } = [];

        [ColumnName("__pss.geometry"), VectorType(1, 4)]
        public float[] Geometry { get; set; } = [];
    }

    private sealed class PlainRow
    {
        [ColumnName("images"), VectorType(Pixels)]
        public byte[] Images { get; set; } = [];

        [ColumnName("sizes"), VectorType(2 * Batch)]
        public float[] Sizes { get; set; } = [];
    }
}
