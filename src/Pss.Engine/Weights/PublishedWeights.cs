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

    // One scale per level in the file, one array of all in the network.
    private static WeightFile WithOwnShapes(WeightFile file)
    {
        var scales = file.Tensors.Where(tensor => tensor.Name.StartsWith(Scales + ".", StringComparison.Ordinal) && tensor.Count == 1)
            .OrderBy(tensor => int.Parse(tensor.Name.AsSpan(Scales.Length + 1), CultureInfo.InvariantCulture)).ToArray();
        if (scales.Length == 0)
            return file;
        var joined = NamedTensor.FromSingles(Scales, [scales.Length], scales.SelectMany(scale => scale.ToSingles()).ToArray());
        return new(file.Tensors.Except(scales).Append(joined), file.Metadata);
    }
}
