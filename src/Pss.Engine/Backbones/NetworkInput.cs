using Pss.Engine.Layers;
using static TorchSharp.torch;

namespace Pss.Engine.Backbones;

/// <summary>Turns bytes into what a network reads.</summary>
internal static class NetworkInput
{
    /// <summary>
    /// Normalizes a batch on the device. What lies right of or below an image is zero after the normalization, as in training of the
    /// published weights. The result belongs to the dispose scope in force.
    /// </summary>
    /// <param name="pixels">Red, green, blue planes of each image, [N, 3, H, W].</param>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="imageSizes">Width and height of each image inside the padded input.</param>
    /// <param name="normalization">The network's pixel format.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="channelsLast">Whether the result's strides are permuted, so that convolutions run channels-last.</param>
    public static Tensor Create(
        byte[] pixels, int width, int height, IReadOnlyList<(int Width, int Height)> imageSizes, PixelNormalization normalization, Device device,
        bool channelsLast)
    {
        using var scope = NewDisposeScope();
        var bytes = empty([imageSizes.Count, 3, height, width], dtype: ScalarType.Byte);
        pixels.AsSpan(0, 3 * width * height * imageSizes.Count).CopyTo(bytes.bytes);
        var values = bytes.ToDevice(device).to(ScalarType.Float32);
        if (normalization.Bgr)
            values = values.flip(1);
        values.sub_(Channels(normalization.Mean)).div_(Channels(normalization.Std));
        for (var i = 0; i < imageSizes.Count; i++)
        {
            var (w, h) = imageSizes[i];
            if (w < width)
                values[i].narrow(2, w, width - w).zero_();
            if (h < height)
                values[i].narrow(1, h, height - h).zero_();
        }
        return (channelsLast ? values.ToChannelsLast() : values).MoveToOuterDisposeScope();

        Tensor Channels(IReadOnlyList<double> perChannel)
            => tensor(perChannel.Select(value => (float)value).ToArray(), [1, 3, 1, 1]).ToDevice(device);
    }
}
