using System.CommandLine;
using Pss.Engine.Training;

namespace Pss.Tool;

/// <summary>The options of optimizer, learning rate, averaged weights and the end of a training.</summary>
internal static class OptimizationOptions
{
    // At 8 images this rate trained a small network on generated scenes as SGD's 0.01 does.
    private const double AdamWRate = 0.001;
    private const double AdamWDecay = 0.05;
    private const double UsualEma = 0.9998;

    private static readonly Option<string?> Optimizer = TrainOptions.Choice(
        "--optimizer",
        "sgd, or adamw with a learning rate of 0.001 at 16 images and a weight decay of 0.05, not on biases and normalizations.",
        "sgd", "adamw");
    private static readonly Option<string?> Schedule = TrainOptions.Choice("--schedule", "How the learning rate falls: steps, cosine or linear.", "steps", "cosine", "linear");
    public static readonly Option<double?> SelectorRate = new("--selector-rate") { Description = "Factor on the learning rate of the positive sample selector, such as 3." };
    private static readonly Option<double?> BackboneRate = new("--backbone-rate") { Description = "Factor on the learning rate of the backbone, such as 0.1." };
    private static readonly Option<double?> Ema = new("--ema")
    {
        Description = "Averages the weights, which is what is evaluated and saved; with a number it is the decay, 0.9998 without.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<int> Patience = new("--patience") { Description = "Ends the training after so many evaluations without a higher AP." };
    private static readonly Option<bool> Best = new("--best") { Description = "Makes the epoch with the highest AP the detector, instead of the last one." };
    private static readonly Option<bool> TensorBoard = new("--tensorboard") { Description = "Also writes an event file for TensorBoard into the output folder." };

    public static IEnumerable<Option> All => [Optimizer, Schedule, BackboneRate, SelectorRate, Ema, Patience, Best, TensorBoard];

    /// <summary>Refuses options that compare evaluations where there are none.</summary>
    public static void Check(ParseResult arguments, bool evaluates)
    {
        if (!evaluates && (arguments.GetValue(Best) || arguments.GetValue(Patience) > 0))
            throw new ArgumentException("--best and --patience compare evaluations: give images for them by --validation, --validation-split or --hold-out.");
    }

    /// <summary>Changes a training by the options.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="training">The training so far.</param>
    /// <param name="ownRate">Whether the command line gives the learning rate.</param>
    public static TrainingOptions Apply(ParseResult arguments, TrainingOptions training, bool ownRate)
    {
        if (arguments.GetValue(Optimizer) == "adamw")
        {
            var rate = ownRate ? training : training with { LearningRate = AdamWRate, ReferenceBatch = 16 };
            training = rate with { Optimizer = OptimizerKind.AdamW, WeightDecay = AdamWDecay, DecayNormsAndBiases = false };
        }
        return training with
        {
            Schedule = Decaying(training.Schedule, arguments.GetValue(Schedule)),
            BackboneRateFactor = arguments.GetValue(BackboneRate) ?? training.BackboneRateFactor,
            SelectorRateFactor = arguments.GetValue(SelectorRate) ?? training.SelectorRateFactor,
            EmaDecay = arguments.GetResult(Ema) is null ? training.EmaDecay : arguments.GetValue(Ema) ?? UsualEma,
            Patience = arguments.GetValue(Patience),
            ReturnBest = arguments.GetValue(Best),
            TensorBoard = arguments.GetValue(TensorBoard),
        };
    }

    private static LearningRateSchedule Decaying(LearningRateSchedule recipe, string? decay)
    {
        LearningRateSchedule? other = decay switch
        {
            "cosine" => LearningRateSchedule.Cosine(recipe.Epochs),
            "linear" => LearningRateSchedule.Linear(recipe.Epochs),
            _ => null,
        };
        return other is null ? recipe : other with { WarmUpSteps = recipe.WarmUpSteps, WarmUpRatio = recipe.WarmUpRatio };
    }
}
