using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Engine.Weights.NameMaps;

/// <summary>Maps the weight names of torchvision's checkpoints to the names in this library's networks.</summary>
internal static partial class TorchvisionNames
{
    /// <summary>The map for a file with these names; null if they are not torchvision's, or those of a backbone alone.</summary>
    public static Func<string, string?>? MapOf(IReadOnlyCollection<string> names)
    {
        if (names.Contains("backbone.body.conv1.weight"))
            return Fcos;
        // ResNet and ResNeXt, or a Res2Net of MMDetection or of its authors.
        return names.Contains("conv1.weight") || names.Contains("stem.0.weight") || names.Contains("conv1.0.weight") ? BackboneNames.For(names).Map : null;
    }

    /// <summary>
    /// Maps a name of torchvision's FCOS (<c>fcos_resnet50_fpn</c>): null for the batch counters of batch normalization, which a network with
    /// frozen normalization lacks; unknown names are returned unchanged and reported when loading.
    /// </summary>
    /// <param name="name">Such as <c>backbone.body.layer1.0.conv1.weight</c>.</param>
    public static string? Fcos(string name)
    {
        const string Body = "backbone.body.", Pyramid = "backbone.fpn.";
        if (name.StartsWith(Body, StringComparison.Ordinal))
            return ResNet(name[Body.Length..]);
        if (name.StartsWith(Pyramid, StringComparison.Ordinal))
            return "pyramid." + PyramidLayer().Replace(name[Pyramid.Length..], LayerName);
        return PredictorOf(TowerLayer().Replace(name, LayerOfTower));
    }

    /// <summary>Maps a name of torchvision's ResNet: null for the classifier and the batch counters.</summary>
    /// <param name="name">Such as <c>layer1.0.conv1.weight</c>.</param>
    public static string? ResNet(string name) => BackboneNames.ResNet.Map(name);

    private static string LayerName(Match match) => match.Groups["extra"].Success
        ? $"extra{match.Groups["extra"].Value}"
        : $"{(match.Groups["kind"].Value == "inner" ? "lateral" : "output")}{3 + Number(match.Groups["level"].Value)}";

    // Each layer of a tower is convolution, normalization, ReLU.
    private static string LayerOfTower(Match match)
    {
        int index = Number(match.Groups["index"].Value);
        string tower = match.Groups["head"].Value == "classification" ? "class_tower" : "box_tower";
        return $"head.{tower}.{index / 3}.{(index % 3 == 0 ? "conv" : "norm")}";
    }

    private static string PredictorOf(string name) => name
        .Replace("head.classification_head.cls_logits", "head.class_logits", StringComparison.Ordinal)
        .Replace("head.regression_head.bbox_reg", "head.boxes", StringComparison.Ordinal)
        .Replace("head.regression_head.bbox_ctrness", "head.centerness", StringComparison.Ordinal);

    private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(extra_blocks\.p(?<extra>[67])|(?<kind>inner|layer)_blocks\.(?<level>[0-2])(\.0)?)(?=\.)")]
    private static partial Regex PyramidLayer();

    [GeneratedRegex(@"^head\.(?<head>classification|regression)_head\.conv\.(?<index>\d+)(?=\.)")]
    private static partial Regex TowerLayer();
}
