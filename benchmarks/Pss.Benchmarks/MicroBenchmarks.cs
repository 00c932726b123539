using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Pss.Engine;
using Pss.Engine.Backbones;
using Pss.Engine.Boxes;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;
using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Benchmarks;

/// <summary>Times of our own code that no peer has a part in, by BenchmarkDotNet.</summary>
internal static class MicroBenchmarks
{
    /// <summary>Runs the benchmarks whose names match a filter, such as *Nms*; all of them without one. More arguments go to BenchmarkDotNet.</summary>
    public static void Run(string[] arguments)
    {
        // In this process: the libraries that a program brings are linked to its output, which a generated project would not do.
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "pss-benchmarks"));
        string[] filter = ["--filter", arguments.Length > 0 ? arguments[0] : "*"];
        BenchmarkSwitcher.FromTypes(
            [
                typeof(ImageBenchmarks), typeof(NmsBenchmarks), typeof(MaskBenchmarks), typeof(ReaderBenchmarks),
                typeof(EvaluationBenchmarks), typeof(ConvolutionBenchmarks),
            ])
            .Run([.. filter, .. arguments.Skip(1)], config);
    }
}

/// <summary>From a file's bytes to the planes of the network's input.</summary>
[MemoryDiagnoser]
public class ImageBenchmarks
{
    private readonly RgbImage _image = new(640, 480);
    private byte[] _png = [];
    private byte[] _planes = [];
    private ResizeGeometry _geometry;

    [GlobalSetup]
    public void Prepare()
    {
        for (var i = 0; i < _image.Pixels.Length; i++)
            _image.Pixels[i] = (byte)(i / 7 + i % 5 * 11);
        using var stream = new MemoryStream();
        _image.SavePng(stream);
        _png = stream.ToArray();
        _geometry = Resize.Letterbox(512, 512).For(_image.Width, _image.Height);
        _planes = new byte[3 * 512 * 512];
    }

    [Benchmark]
    public RgbImage DecodePng() => RgbImage.Decode(_png, "image");

    [Benchmark]
    public int ReadHeader() => ImageHeader.Read(new MemoryStream(_png), "image").Width;

    [Benchmark]
    public void ResizeToPlanes() => _geometry.WritePlanes(_image, _planes);
}

/// <summary>Non-maximum suppression of a dense output.</summary>
[MemoryDiagnoser]
public class NmsBenchmarks
{
    private readonly float[] _boxes = new float[4 * 5000];
    private readonly float[] _scores = new float[5000];
    private readonly int[] _labels = new int[5000];

    [GlobalSetup]
    public void Prepare()
    {
        var random = new SeededRandom(3);
        for (var i = 0; i < _scores.Length; i++)
        {
            var (x, y) = (random.NextDouble(0, 600), random.NextDouble(0, 400));
            float[] box = [(float)x, (float)y, (float)(x + random.NextDouble(20, 120)), (float)(y + random.NextDouble(20, 120))];
            box.CopyTo(_boxes.AsSpan(4 * i));
            (_scores[i], _labels[i]) = ((float)random.NextDouble(), random.Next(80));
        }
    }

    [Benchmark]
    public int[] KeepOf5000() => HardNms.Keep(_boxes, _scores, _labels, 0.6f, 100);
}

/// <summary>Run-length masks of 640 x 480 pixels.</summary>
[MemoryDiagnoser]
public class MaskBenchmarks
{
    private static readonly double[] Outline = [.. Enumerable.Range(0, 40).SelectMany(i => (double[])[320 + 200 * Math.Cos(i * Math.PI / 20), 240 + 150 * Math.Sin(i * Math.PI / 20)])];
    private static readonly RleSegmentation Mask = RunLengthMask.FromPolygons([Outline], 480, 640);
    private static readonly RleSegmentation Other = RunLengthMask.FromPolygons([[100, 100, 500, 120, 400, 420]], 480, 640);
    private static readonly string Text = Mask.ToCompressed();

    [Benchmark]
    public Segmentation FromPolygon() => RunLengthMask.FromPolygons([Outline], 480, 640);

    [Benchmark]
    public string ToText() => Mask.ToCompressed();

    [Benchmark]
    public Segmentation FromText() => RleSegmentation.FromCompressed(480, 640, Text);

    [Benchmark]
    public double Overlap() => RunLengthMask.IoU(Mask, Other, isCrowd: false);
}

/// <summary>Annotation files of 1,000 images and 8,000 objects.</summary>
[MemoryDiagnoser]
public class ReaderBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pss-micro-").FullName;

    private string File => Path.Combine(_folder, "set.json");

    [GlobalSetup]
    public void Prepare() => CocoWriter.WriteAnnotations(File, new()
    {
        Categories = [new(1, "cat"), new(2, "dog")],
        Images = [.. Enumerable.Range(1, 1000).Select(image => new ImageRecord
        {
            Id = image,
            FileName = $"{image}.jpg",
            Width = 640,
            Height = 480,
            Objects = [.. Enumerable.Range(0, 8).Select(i => new ObjectAnnotation { Id = 8 * image + i, Label = i % 2, Box = new(10 * i, 5.25 * i, 30.5, 40) })],
        })],
    });

    [GlobalCleanup]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Benchmark]
    public DetectionDataset ReadCoco() => CocoReader.Read(File, new() { CheckImages = false });
}

/// <summary>The COCO evaluation of a set of the size of val2017.</summary>
public class EvaluationBenchmarks
{
    private readonly GeneratedEvaluation _set = new();

    [Params(1, 2)]
    public int Threads { get; set; }

    [Benchmark]
    public CocoSummary Evaluate() => _set.Evaluate(Threads);
}

/// <summary>A deformable 3x3 convolution against an ordinary one, two images at the sizes that an input of 512 x 640 has in stages 2 to 4.</summary>
public class ConvolutionBenchmarks
{
    private nn.Module<Tensor, Tensor>? _ordinary, _deformable;
    private Tensor? _input;

    [Params(128, 256, 512)]
    public int Channels { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        (_ordinary, _deformable) = (new SquareConvolution(Channels, Channels, 3, hasBias: false), new DeformableConvolution(Channels, Channels, 3, hasBias: false));
        // Offsets of about a pixel.
        foreach (var parameter in _ordinary.parameters().Concat(_deformable.parameters()))
            nn.init.normal_(parameter, 0, 1 / Math.Sqrt(9.0 * Channels));
        _input = randn(2, Channels, 64 * 128 / Channels, 80 * 128 / Channels).requires_grad_(true);
    }

    [GlobalCleanup]
    public void Free()
    {
        _ordinary!.Dispose();
        _deformable!.Dispose();
        _input!.Dispose();
    }

    [Benchmark]
    public void Ordinary() => Forward(_ordinary!);

    [Benchmark]
    public void Deformable() => Forward(_deformable!);

    [Benchmark]
    public void OrdinaryTrained() => Step(_ordinary!);

    [Benchmark]
    public void DeformableTrained() => Step(_deformable!);

    private void Forward(nn.Module<Tensor, Tensor> layer)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        layer.call(_input!);
    }

    private void Step(nn.Module<Tensor, Tensor> layer)
    {
        using var scope = NewDisposeScope();
        layer.zero_grad();
        layer.call(_input!).sum().backward();
    }
}
