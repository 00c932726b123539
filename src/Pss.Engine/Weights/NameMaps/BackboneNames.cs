using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Engine.Weights.NameMaps;

/// <summary>Maps the names that torchvision and MMDetection give the weights of a ResNet, ResNeXt or Res2Net.</summary>
internal sealed partial class BackboneNames
{
    /// <summary>Of a ResNet or ResNeXt.</summary>
    public static readonly BackboneNames ResNet = new(scales: false);

    // A Res2Net's first layer of a shortcut is the pooling.
    private readonly bool _scales;

    private BackboneNames(bool scales) => _scales = scales;

    /// <summary>The map for a file with these names.</summary>
    public static BackboneNames For(IEnumerable<string> names) => new(names.Any(name => name.Contains(".convs.0.", StringComparison.Ordinal)));

    /// <summary>Maps a name: null for the classifier and the batch counters; unknown names are returned with the part's name before them.</summary>
    /// <param name="name">Such as <c>layer1.0.conv1.weight</c>.</param>
    public string? Map(string name)
    {
        if (name.StartsWith("fc.", StringComparison.Ordinal) || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            return null;
        var match = Name().Match(name);
        if (!match.Success)
            return "backbone." + name;
        string layer = match.Groups["layer"].Value, tail = match.Groups["tail"].Value;
        string own = match.Groups["stage"].Success
            ? $"stage{match.Groups["stage"].Value}.{match.Groups["block"].Value}.{OfBlock(layer)}"
            : OfStem(layer);
        return $"backbone.{own}{(match.Groups["offset"].Success ? ".offsets" : "")}.{tail}";
    }

    private string OfBlock(string layer)
    {
        string part = layer.StartsWith("conv", StringComparison.Ordinal) ? "conv" : "norm";
        int number = int.Parse(layer.AsSpan(layer.LastIndexOfAny(['.', 'v', 'n']) + 1), CultureInfo.InvariantCulture);
        if (layer.StartsWith("downsample", StringComparison.Ordinal))
            return _scales ? $"shortcut.1.{(number == 1 ? "conv" : "norm")}" : $"shortcut.{(number == 0 ? "conv" : "norm")}";
        return layer.Contains('.') ? $"branch.1.layers.{number}.{part}" : $"branch.{number - 1}.{part}";
    }

    // A deep stem is three times convolution, normalization, ReLU; Res2Net's authors call the last normalization bn1.
    private string OfStem(string layer)
    {
        if (_scales && layer == "bn1")
            layer = "stem.7";
        if (!layer.Contains('.'))
            return layer == "conv1" ? "stem.conv" : "stem.norm";
        int number = int.Parse(layer.AsSpan(layer.IndexOf('.') + 1), CultureInfo.InvariantCulture);
        return $"stem.{number / 3}.{(number % 3 == 0 ? "conv" : "norm")}";
    }

    // MMCV before version 2 has conv2_offset.
    [GeneratedRegex(@"^(layer(?<stage>\d)\.(?<block>\d+)\.(?<layer>conv\d|bn\d|convs\.\d+|bns\.\d+|downsample\.\d)|(?<layer>conv1|bn1|stem\.\d|conv1\.\d))"
        + @"(?<offset>\.conv_offset|_offset)?\.(?<tail>[a-z_]+)$")]
    private static partial Regex Name();
}
