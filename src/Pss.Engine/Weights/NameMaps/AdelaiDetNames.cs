using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Engine.Weights.NameMaps;

/// <summary>Maps the weight names of AdelaiDet's FCOS and CondInst checkpoints to the names in this library's networks.</summary>
internal static partial class AdelaiDetNames
{
    private const string Head = "proposal_generator.fcos_head.";
    private const string Branch = "mask_branch.";

    /// <summary>The map for a file with these names; null if they are not AdelaiDet's.</summary>
    public static Func<string, string?>? MapOf(IReadOnlyCollection<string> names)
    {
        if (!names.Contains(Head + "cls_logits.weight"))
            return null;
        // The last convolution of the mask branch's tower has no normalization.
        int convolutions = names.Count(name => BranchConvolution().IsMatch(name));
        return name => Map(name, convolutions);
    }

    private static string? Map(string name, int maskConvolutions)
    {
        // Constants of detectron2 and of CondInst's mask head.
        if (name is "pixel_mean" or "pixel_std" or "mask_head.sizes_of_interest" or "mask_head._iter" || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
            return null;
        if (Backbone().Match(name) is { Success: true } backbone)
            return $"backbone.{OfBackbone(backbone)}.{name[backbone.Length..]}";
        if (Pyramid().Match(name) is { Success: true } pyramid)
        {
            string kind = pyramid.Groups["kind"].Success ? pyramid.Groups["kind"].Value : "extra";
            return $"pyramid.{kind}{pyramid.Groups["level"].Value}.{name[pyramid.Length..]}";
        }

        if (name.StartsWith(Head, StringComparison.Ordinal))
            return OfHead(name[Head.Length..]) is { } own ? "head." + own : name;
        return name.StartsWith(Branch, StringComparison.Ordinal) ? Branch + OfBranch(name[Branch.Length..], maskConvolutions) : name;
    }

    // detectron2 numbers stages by the pyramid's levels and keeps a normalization in its convolution.
    private static string OfBackbone(Match match)
    {
        string part = match.Groups["norm"].Success ? "norm" : "conv";
        if (!match.Groups["stage"].Success)
            return "stem." + part;
        string block = $"stage{Number(match, "stage") - 1}.{match.Groups["block"].Value}";
        return match.Groups["conv"].Success ? $"{block}.branch.{Number(match, "conv") - 1}.{part}" : $"{block}.shortcut.{part}";
    }

    // Each layer of a tower is convolution, normalization, ReLU.
    private static string? OfHead(string name)
    {
        if (Tower().Match(name) is { Success: true } tower)
        {
            int index = Number(tower, "index");
            string kind = tower.Groups["kind"].Value == "cls" ? "class" : "box";
            return $"{kind}_tower.{index / 3}.{(index % 3 == 0 ? "conv" : "norm")}.{name[tower.Length..]}";
        }

        string[] parts = name.Split('.');
        return parts switch
        {
            ["cls_logits", var tail] => "class_logits." + tail,
            ["bbox_pred", var tail] => "boxes." + tail,
            ["ctrness", var tail] => "centerness." + tail,
            ["scales", var level, "scale"] => "scales." + level,
            _ => null,
        };
    }

    // Each layer of the branch is convolution, normalization, ReLU; the semantic branch is trained only.
    private static string OfBranch(string name, int convolutions)
    {
        string[] parts = name.Split('.');
        return parts switch
        {
            ["refine", var level, var layer, var tail] => $"refine{3 + Number(level)}.{Layer(layer)}.{tail}",
            ["tower", var index, var tail] when Number(index) == convolutions => "output." + tail,
            ["tower", var index, var layer, var tail] => $"tower.{index}.{Layer(layer)}.{tail}",
            ["seg_head", var index, var layer, var tail] => $"semantic_tower.{index}.{Layer(layer)}.{tail}",
            ["logits", var tail] => "semantic_logits." + tail,
            _ => name,
        };

        static string Layer(string index) => index == "0" ? "conv" : "norm";
    }

    private static int Number(Match match, string group) => Number(match.Groups[group].Value);

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;

    [GeneratedRegex(@"^backbone\.bottom_up\.(stem\.conv1|res(?<stage>[2-5])\.(?<block>\d+)\.(conv(?<conv>[1-3])|shortcut))\.(?<norm>norm\.)?(?=\w+$)")]
    private static partial Regex Backbone();

    [GeneratedRegex(@"^backbone\.(fpn_(?<kind>lateral|output)(?<level>[3-5])|top_block\.p(?<level>[67]))\.")]
    private static partial Regex Pyramid();

    [GeneratedRegex(@"^(?<kind>cls|bbox)_tower\.(?<index>\d+)\.(?=\w+$)")]
    private static partial Regex Tower();

    [GeneratedRegex(@"^mask_branch\.tower\.\d+\.0\.weight$")]
    private static partial Regex BranchConvolution();
}
