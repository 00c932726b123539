using System.Globalization;
using Pss.Engine.Weights.NameMaps;

namespace Pss.Engine.Weights;

/// <summary>Brings weights of other programs to this library's names and shapes.</summary>
internal static class PublishedWeights
{
    private const string Scales = "head.scales";

    /// <summary>The file with this library's names, if it is torchvision's, MMDetection's or AdelaiDet's; else the file itself.</summary>
    public static WeightFile WithOwnNames(WeightFile file)
    {
        var names = file.Names.ToHashSet(StringComparer.Ordinal);
        var map = TorchvisionNames.MapOf(names) ?? MMDetectionNames.MapOf(names) ?? AdelaiDetNames.MapOf(names);
        return map is null ? file : WithOwnShapes(file.Rename(map));
    }

    private static WeightFile WithOwnShapes(WeightFile file)
    {
        var tensors = file.Tensors.Select(WithMask).ToList();
        // One scale per level in the file, one array of all in the network.
        var scales = tensors.Where(tensor => tensor.Name.StartsWith(Scales + ".", StringComparison.Ordinal) && tensor.Count == 1)
            .OrderBy(tensor => int.Parse(tensor.Name.AsSpan(Scales.Length + 1), CultureInfo.InvariantCulture)).ToArray();
        if (scales.Length > 0)
            tensors.Add(NamedTensor.FromSingles(Scales, [scales.Length], scales.SelectMany(scale => scale.ToSingles()).ToArray()));
        return new(tensors.Except(scales), file.Metadata);
    }

    /// <summary>The offsets of the first version of deformable convolution, which has no masks: logits whose sigmoid is 1, and whose gradient is 0.</summary>
    private static NamedTensor WithMask(NamedTensor tensor)
    {
        const int Taps = 9;
        const float Logit = 100;
        if (!tensor.Name.Contains(".offsets.", StringComparison.Ordinal) || tensor.Shape is not [2 * Taps, ..])
            return tensor;
        var values = tensor.ToSingles();
        var masks = new float[values.Length / 2];
        if (tensor.Shape.Count == 1)
            Array.Fill(masks, Logit);
        return NamedTensor.FromSingles(tensor.Name, [3 * Taps, .. tensor.Shape.Skip(1)], [.. values, .. masks]);
    }
}
