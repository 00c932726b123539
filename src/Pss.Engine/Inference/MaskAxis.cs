namespace Pss.Engine.Inference;

/// <summary>
/// One axis of the way from a mask at stride 4 to the original image: aligned upsampling by 4 to the padded input, the part that is the scaled image,
/// bilinear scaling to the image. Both are linear: each output is a sum of at most three neighboring inputs.
/// </summary>
/// <param name="Inputs">Length of the mask at stride 4.</param>
/// <param name="First">The first input of each output.</param>
/// <param name="Weights">The weights of three inputs from there on, for each output.</param>
internal sealed record MaskAxis(int Inputs, int[] First, float[] Weights)
{
    /// <summary>Inputs of an output.</summary>
    public const int Taps = 3;

    /// <summary>Input pixels of the network for one of the mask.</summary>
    private const int Factor = 4;

    /// <summary>Length of the original image.</summary>
    public int Outputs => First.Length;

    /// <summary>The axis of a mask.</summary>
    /// <param name="inputs">Length of the mask at stride 4.</param>
    /// <param name="scaled">Length of the scaled image.</param>
    /// <param name="original">Length of the original image.</param>
    public static MaskAxis Create(int inputs, int scaled, int original)
    {
        var (first, weights) = (new int[original], new float[Taps * original]);
        for (var i = 0; i < original; i++)
        {
            // Half-pixel centers in the scaled image; each of the two pixels there lies between two of the mask.
            var at = Math.Clamp((i + 0.5) * scaled / original - 0.5, 0, scaled - 1);
            var (near, share) = ((int)at, at - (int)at);
            var (start, within) = Aligned(near);
            var (next, withinNext) = Aligned(Math.Min(near + 1, scaled - 1));
            first[i] = start;
            var sums = new double[Taps + 1];
            sums[0] += (1 - share) * (1 - within);
            sums[1] += (1 - share) * within;
            sums[next - start] += share * (1 - withinNext);
            sums[next - start + 1] += share * withinNext;
            for (var tap = 0; tap < Taps; tap++)
                weights[Taps * i + tap] = (float)sums[tap];
        }
        return new(inputs, first, weights);

        (int Index, double Share) Aligned(int pixel)
        {
            var at = Math.Clamp((pixel - Factor / 2) / (double)Factor, 0, inputs - 1);
            return ((int)at, at - (int)at);
        }
    }
}
