using Pss.Benchmarks;
using Pss.Benchmarks.Paper;

var benchmarks = new SortedDictionary<string, (string What, Action<string[]> Run)>(StringComparer.Ordinal)
{
    ["steps"] = ("tensors and memory over 2,000 training steps of a small detector", MemoryBenchmarks.Steps),
    ["networks"] = ("tensors and memory over 1,000 detectors built and disposed of", MemoryBenchmarks.Networks),
    ["detect"] = ("FCOS_PSS against torchvision's FCOS: forward pass and post-processing", FcosBenchmarks.Detect),
    ["train"] = ("FCOS_PSS against torchvision's FCOS: one training step", FcosBenchmarks.Train),
    ["growth"] = ("how time and memory grow with objects, classes, images and their size", GrowthBenchmark.Run),
    ["limit"] = ("the arithmetic limit of the machine beside what the networks take", LimitBenchmark.Run),
    ["photos"] = ("Transform over JPEG files of 12 megapixels by path, against ML.NET's LoadImages before it", MLNetBenchmarks.Photos),
    ["onnx"] = ("FCOS_PSS on ONNX Runtime, in float32 and int8, against torchvision's FCOS", OnnxBenchmark.Run),
    ["onnx-parts"] = ("on ONNX Runtime alone: int8 against float32, and post-processing end to end against NMS", OnnxPartsBenchmark.Run),
    ["bccd"] = ("training on blood cells (BCCD) by the default recipe", BccdBenchmark.Run),
    ["paper"] = ("the paper's tables on generated scenes, resumable", PaperBenchmark.Run),
    ["figures"] = ("the paper's Figures 2 to 5, from the runs of paper or from two detector files", PaperFigures.Run),
    ["precision"] = ("training in BFloat16 against Float32: steps and convolutions", PrecisionBenchmark.Run),
    ["augment"] = ("small training sets of generated scenes with augmentation and without", AugmentationBenchmark.Run),
    ["augmented"] = ("pictures of augmented training images with boxes and masks", AugmentationSheet.Run),
    ["crowds"] = ("crowded scenes with and without NMS", SceneBenchmarks.Crowds),
    ["transform"] = ("Transform over 300 JPEG files against the engine fed with ready inputs", MLNetBenchmarks.Transform),
    ["distributed"] = ("training in several processes (mpirun): weights against one process, time of a step and share of the sums", DistributedBenchmark.Run),
    ["kill"] = ("a training killed at random points and resumed, against an undisturbed one: bits", KillBenchmark.Run),
    ["memory"] = ("memory over 2,000 images through a cursor and a PredictionEngine", MLNetBenchmarks.Memory),
    ["saved"] = ("a saved and loaded model against the transformer that was saved", MLNetBenchmarks.Saved),
    ["service"] = ("the service sample under 64 clients with hostile requests, and overloaded", ServiceBenchmark.Run),
    ["score"] = ("memory over 1,000 scored images of different sizes", ScoreBenchmark.Run),
    ["contended"] = ("training and detection beside a busy process", ContendedBenchmark.Run),
    ["coco"] = ("COCO evaluation of 5,000 images and 500,000 detections", _ => MicroBenchmarks.Run(["*EvaluationBenchmarks*"])),
    ["micro"] = ("images, NMS, masks, readers, COCO evaluation and deformable convolutions by BenchmarkDotNet, or those whose names match a filter such as *Nms*", MicroBenchmarks.Run),
};

if (args.Length == 0 || !benchmarks.TryGetValue(args[0], out var benchmark))
{
    Console.WriteLine("Benchmarks: dotnet run -c Release --project benchmarks/Pss.Benchmarks -- NAME");
    foreach (var (name, (what, _)) in benchmarks)
        Console.WriteLine($"  {name,-12} {what}");
    return args.Length == 0 ? 0 : 2;
}
Pss.Engine.TorchRuntime.Require();
benchmark.Run(args[1..]);
return Environment.ExitCode;
