using Microsoft.ML.OnnxRuntime;
using Pss.Engine.Data;
using Pss.Engine.Data.Images;
using Pss.Engine.Onnx;

namespace Pss.Engine.Tests.Onnx;

/// <summary>Runs exported detectors as a program without this library does: decoded pixels in, on plain ONNX Runtime.</summary>
internal static class ForeignCallers
{
    private static readonly string[] OutputNames = ["boxes", "scores", "labels"];

    /// <summary>One image at its own size.</summary>
    public static IReadOnlyList<Detection> Image(InferenceSession session, RgbImage image)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(image.Pixels, [image.Height, image.Width, 3]);
        return Run(session, ["image"], [input], 1)[0];
    }

    /// <summary>A batch of images at their own sizes, as large as its largest image, or larger.</summary>
    /// <param name="session">The detector.</param>
    /// <param name="images">The images.</param>
    /// <param name="pad">The bytes that the batch holds beside the images.</param>
    /// <param name="margin">Pixels added to the width and height of the batch.</param>
    public static IReadOnlyList<Detection>[] Images(InferenceSession session, IReadOnlyList<RgbImage> images, Action<byte[]> pad, int margin = 0)
    {
        var (pixels, width, height) = Stack(images, pad, margin);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [images.Count, height, width, 3]);
        using var sizes = Sizes(images.Select(image => (image.Width, image.Height)));
        return Run(session, ["images", "sizes"], [input, sizes], images.Count);
    }

    /// <summary>Images in one array [N, height, width, 3], each at the top left.</summary>
    public static (byte[] Pixels, int Width, int Height) Stack(IReadOnlyList<RgbImage> images, Action<byte[]> pad, int margin = 0)
    {
        var (width, height) = (images.Max(image => image.Width) + margin, images.Max(image => image.Height) + margin);
        var pixels = new byte[3 * width * height * images.Count];
        pad(pixels);
        for (var i = 0; i < images.Count; i++)
        {
            var stride = 3 * images[i].Width;
            for (var y = 0; y < images[i].Height; y++)
                images[i].Pixels.AsSpan(y * stride, stride).CopyTo(pixels.AsSpan(3 * width * (i * height + y)));
        }
        return (pixels, width, height);
    }

    /// <summary>Images scaled and padded by the caller; boxes in pixels of the images.</summary>
    /// <param name="session">The detector.</param>
    /// <param name="image">The image.</param>
    /// <param name="width">Width of the input.</param>
    /// <param name="height">Height of the input.</param>
    /// <param name="pad">The bytes that the input holds beside the image.</param>
    /// <param name="withSizes">Whether the detector takes the size of the scaled image.</param>
    public static IReadOnlyList<Detection> Plain(InferenceSession session, RgbImage image, int width, int height, Action<byte[]> pad, bool withSizes = true)
    {
        var geometry = Resize.Letterbox(width, height).For(image.Width, image.Height);
        var scaled = (geometry with { OutWidth = geometry.Width, OutHeight = geometry.Height }).Apply(image);
        var planes = new byte[3 * width * height];
        pad(planes);
        for (var i = 0; i < scaled.Pixels.Length; i++)
        {
            var (row, column) = Math.DivRem(i / 3, scaled.Width);
            planes[(i % 3 * height + row) * width + column] = scaled.Pixels[i];
        }
        using var input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, height, width]);
        using var sizes = Sizes([(scaled.Width, scaled.Height)]);
        var found = withSizes ? Run(session, ["images", "sizes"], [input, sizes], 1)[0] : Run(session, ["images"], [input], 1)[0];
        var (x, y) = ((float)geometry.ScaleX, (float)geometry.ScaleY);
        return [.. found.Select(d => d with { X1 = d.X1 / x, Y1 = d.Y1 / y, X2 = d.X2 / x, Y2 = d.Y2 / y })];
    }

    public static OrtValue Sizes(IEnumerable<(int Width, int Height)> sizes)
    {
        var values = sizes.SelectMany(size => new float[] { size.Width, size.Height }).ToArray();
        return OrtValue.CreateTensorValueFromMemory(values, [values.Length / 2, 2]);
    }

    private static IReadOnlyList<Detection>[] Run(InferenceSession session, string[] names, OrtValue[] inputs, int images)
    {
        using var options = new RunOptions();
        using var outputs = session.Run(options, names, inputs, OutputNames);
        var (boxes, scores, labels) = (
            outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetTensorDataAsSpan<float>().ToArray(), outputs[2].GetTensorDataAsSpan<long>().ToArray());
        Assert.Equal((4 * scores.Length, scores.Length), (boxes.Length, labels.Length));
        var perImage = scores.Length / images;
        return [.. Enumerable.Range(0, images).Select(image => Enumerable.Range(image * perImage, perImage)
            .Where(i => labels[i] >= 0)
            .Select(i => new Detection(boxes[4 * i], boxes[4 * i + 1], boxes[4 * i + 2], boxes[4 * i + 3], scores[i], (int)labels[i])).ToArray())];
    }
}
