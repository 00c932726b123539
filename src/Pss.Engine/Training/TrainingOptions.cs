using System.Text.Json.Serialization;
using Pss.Engine.Inference;

namespace Pss.Engine.Training;

/// <summary>How a detector is trained. The defaults are the paper's (section 4.1).</summary>
public sealed record TrainingOptions
{
    /// <summary>Length, warm-up and steps of the learning rate.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.OneX;

    /// <summary>Learning rate at a nominal batch of <see cref="ReferenceBatch"/> images.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>The batch that <see cref="LearningRate"/> belongs to: the rate in use is LearningRate * NominalBatch / ReferenceBatch.
    /// Set it to <see cref="NominalBatch"/> to use <see cref="LearningRate"/> as it stands.</summary>
    public int ReferenceBatch { get; init; } = 16;

    /// <summary>The name of the detector with the highest validation AP so far in <see cref="OutputFolder"/>: without NMS, or with it for a detector without
    /// a positive sample selector.</summary>
    public const string BestFileName = "best.safetensors";

    /// <summary>The name of the file in <see cref="OutputFolder"/> from which a training goes on with <see cref="Resume"/>.</summary>
    public const string CheckpointFileName = "checkpoint.safetensors";

    /// <summary>Images of one optimizer step.</summary>
    public int NominalBatch { get; init; } = 16;

    /// <summary>Images of one forward and backward pass; gradients of NominalBatch / BatchSize passes are averaged into one step. 0 takes the largest divisor of
    /// <see cref="NominalBatch"/> that fits into memory: found by trial on a GPU, estimated from a step of one image on a CPU. What is found is stored in the
    /// checkpoint; without one it depends on the memory that is free, and so do the last digits of the weights, or more with batch normalization.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>How gradients become steps. <see cref="OptimizerKind.AdamW"/> takes another <see cref="LearningRate"/> and <see cref="WeightDecay"/>.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Momentum of SGD, without Nesterov.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Factor of AdamW's mean of the gradient from step to step.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Factor of AdamW's mean of the squared gradient from step to step.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to AdamW's divisor.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay on everything that is trained, or on less, see <see cref="DecayNormsAndBiases"/>.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Whether <see cref="WeightDecay"/> applies to biases, normalizations and the pyramid levels' scales too, as in the paper: to parameters of at most
    /// one dimension.</summary>
    public bool DecayNormsAndBiases { get; init; } = true;

    /// <summary>Factor on the learning rate of the backbone, 0 or more; pretrained backbones often take 0.1.</summary>
    public double BackboneRateFactor { get; init; } = 1;

    /// <summary>Factor on the learning rate of the positive sample selector, 0 or more. The selector starts from random weights: where the rest
    /// starts from pretrained ones, it is not done yet when a short training ends.</summary>
    public double SelectorRateFactor { get; init; } = 1;

    /// <summary>Factors on the learning rate of single layers: beginnings of parameter names, such as "head." or "backbone.stage4.", with factors of 0 or
    /// more. The last one that matches counts, also instead of <see cref="BackboneRateFactor"/> and
    /// <see cref="SelectorRateFactor"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> LayerRateFactors { get; init; } = [];

    /// <summary>Share of the moving average of the weights that is kept in a step, from 0 to below 1, such as 0.9998; the average is what is evaluated and
    /// returned. 0 keeps no average.</summary>
    public double EmaDecay { get; init; }

    /// <summary>Steps until <see cref="EmaDecay"/> is at 63 % of its value: after step t it is EmaDecay * (1 - exp(-t / EmaWarmUpSteps)). 0 starts at the
    /// full value.</summary>
    public int EmaWarmUpSteps { get; init; } = 2000;

    /// <summary>Largest L2 norm of the gradient over all parameters; larger ones are scaled down to it.</summary>
    public double GradientClip { get; init; } = 35;

    /// <summary>The seed of everything drawn at random: weights, order of images, augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>Whether the positive sample selector alone is trained, everything else frozen: the second of two steps (section 3.5, Table 3).</summary>
    [JsonIgnore]
    public bool SelectorOnly { get; init; }

    /// <summary>The form of <see cref="SelectorOnly"/> in checkpoints.</summary>
    [JsonInclude]
    internal TrainedPart Part => SelectorOnly ? TrainedPart.PositiveSampleSelector : TrainedPart.All;

    /// <summary>"cpu", "cuda", "cuda:1"; null takes the first GPU, or the CPU where there is none.</summary>
    public string? Device { get; init; }

    /// <summary>Threads that decode and augment images ahead of the step.</summary>
    public int Workers { get; init; } = Math.Max(1, Math.Min(8, Environment.ProcessorCount));

    /// <summary>Whether images without objects are used, as background; the paper leaves them out.</summary>
    [JsonIgnore]
    public bool KeepEmptyImages { get; init; }

    /// <summary>Images without objects that an epoch takes at most for one image with objects, drawn anew each epoch; 0 takes all of them. Matters with
    /// <see cref="KeepEmptyImages"/>.</summary>
    public double BackgroundRatio { get; init; }

    /// <summary>
    /// Repeat-factor sampling (Gupta et al., "LVIS"): images with a class that less than this share of the images has come up to sqrt(threshold / share) times
    /// an epoch, the fractional part drawn. 0 to 1; LVIS takes 0.001, 0 repeats none.
    /// </summary>
    public double RepeatThreshold { get; init; }

    /// <summary>Decoded images are kept in memory up to this many bytes, 3 per pixel, since decoding takes most of the loading time.</summary>
    [JsonIgnore]
    public long CacheBytes { get; init; } = 256L << 20;

    /// <summary>Epochs between evaluations on the validation images; the last epoch is always evaluated. 0 evaluates never.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Whether the detector of the epoch with the highest validation AP is returned instead of the last one: AP without NMS, or with it for a detector
    /// that needs it. Takes validation images.</summary>
    [JsonIgnore]
    public bool ReturnBest { get; init; }

    /// <summary>Evaluations in a row without a higher AP after which the training ends; 0 trains all epochs. Takes validation images.</summary>
    [JsonIgnore]
    public int Patience { get; init; }

    /// <summary>Whether the steps are also written to an event file for TensorBoard in <see cref="OutputFolder"/>.</summary>
    [JsonIgnore]
    public bool TensorBoard { get; init; }

    /// <summary>Folder for checkpoint, log and the best epoch's detector, made where missing; null keeps nothing on disk.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>Optimizer steps between checkpoints, beside the one at the end of each epoch. 0 leaves those out.</summary>
    public int CheckpointEvery { get; init; }

    /// <summary>Whether to go on from the checkpoint in <see cref="OutputFolder"/>, if there is one.</summary>
    public bool Resume { get; init; }

    /// <summary>Convolutions on stride-permuted (channels-last) tensors; null takes what measured faster on the device.</summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>Large 3x3 convolutions in Float32 and their gradients by minimal filtering (Winograd), equal to the direct sums within about 1e-5; null takes what
    /// measured faster: on the CPU.</summary>
    public bool? Winograd { get; init; }

    /// <summary>Number format of the convolutions; weights, losses and optimizer are float32 always. BFloat16 is faster on GPUs and on processors with AMX, and slower
    /// on most others. Float16 runs on a GPU only, with a loss scale that adapts itself. Null takes Float32 on a CPU, where the seed alone decides the weights,
    /// and what measured faster of BFloat16 and Float32 on a GPU; the choice is stored in the checkpoint.</summary>
    public Precision? Precision { get; init; }

    // Far beyond any use: the product with the rate stays within float32.
    private const double MostFactor = 1000;

    /// <summary>Passes that make up one optimizer step.</summary>
    internal int Accumulation => NominalBatch / BatchSize;

    /// <summary>Whether the result depends on evaluations.</summary>
    internal bool NeedsEvaluations => ReturnBest || Patience > 0;

    /// <summary>The checkpoint that a training with these options goes on from; null if it begins.</summary>
    public string? FindCheckpoint() => Resume && OutputFolder is not null && Path.Combine(OutputFolder, CheckpointFileName) is var path && File.Exists(path) ? path : null;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of its range; the message names it.</exception>
    public void Validate()
    {
        Schedule.Validate();
        Check.Positive(LearningRate);
        Check.Within(LearningRate, 0, 1e30);
        Check.AtLeast(ReferenceBatch, 1);
        Check.AtLeast(NominalBatch, 1);
        Check.AtLeast(BatchSize, 0);
        Check.AtLeast(NominalBatch, BatchSize);
        if (BatchSize > 0 && NominalBatch % BatchSize != 0)
            throw new ArgumentOutOfRangeException(nameof(NominalBatch), NominalBatch, $"NominalBatch must be a multiple of BatchSize ({BatchSize}).");
        Check.Within(BackgroundRatio, 0, 1000);
        Check.Within(RepeatThreshold, 0, 1);
        Check.Within(Momentum, 0, 1);
        ValidateOptimizer();
        Check.Positive(GradientClip);
        Check.AtLeast(Workers, 1);
        Check.AtLeast(CacheBytes, 0);
        Check.AtLeast(EvaluateEvery, 0);
        Check.AtLeast(CheckpointEvery, 0);
        Check.AtLeast(Patience, 0);
        Check.That(!NeedsEvaluations || EvaluateEvery > 0, nameof(EvaluateEvery), EvaluateEvery, "at least 1 with ReturnBest or Patience, which compare evaluations");
        Check.That(!TensorBoard || OutputFolder is not null, nameof(TensorBoard), TensorBoard, "false without an OutputFolder, where its file would be");
    }

    private void ValidateOptimizer()
    {
        Check.That(Enum.IsDefined(Optimizer), nameof(Optimizer), Optimizer, "one of " + string.Join(", ", Enum.GetNames<OptimizerKind>()));
        Check.That(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "from 0 to below 1");
        Check.That(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "from 0 to below 1");
        Check.Positive(Epsilon);
        Check.AtLeast(WeightDecay, 0);
        Check.Within(BackboneRateFactor, 0, MostFactor);
        Check.Within(SelectorRateFactor, 0, MostFactor);
        foreach (var (prefix, factor) in LayerRateFactors)
        {
            Check.That(!string.IsNullOrEmpty(prefix), nameof(LayerRateFactors), prefix, "the beginnings of parameter names");
            Check.Within(factor, 0, MostFactor, nameof(LayerRateFactors));
        }
        Check.That(EmaDecay is >= 0 and < 1, nameof(EmaDecay), EmaDecay, "from 0 to below 1");
        Check.AtLeast(EmaWarmUpSteps, 0);
    }
}
