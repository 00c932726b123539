using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Engine.Weights.NameMaps;

/// <summary>Maps the weight names of MMDetection's FCOS, ATSS, VFNet and GFocalV2 checkpoints to the names in this library's networks.</summary>
internal static partial class MMDetectionNames
{
    private const string Backbone = "backbone.", Head = "bbox_head.";

    // Versions before 2.1 call FCOS's predictors fcos_cls and so on.
    private static readonly Dictionary<string, string> HeadModules = new()
    {
        ["conv_cls"] = "class_logits",
        ["conv_reg"] = "boxes",
        ["conv_centerness"] = "centerness",
        ["fcos_cls"] = "class_logits",
        ["fcos_reg"] = "boxes",
        ["fcos_centerness"] = "centerness",
        ["atss_cls"] = "class_logits",
        ["atss_reg"] = "boxes",
        ["atss_centerness"] = "centerness",
        ["vfnet_reg_conv.conv"] = "box_block.conv",
        ["vfnet_reg_conv.gn"] = "box_block.norm",
        ["vfnet_reg"] = "boxes",
        ["vfnet_reg_refine_dconv"] = "refinement_star",
        ["vfnet_reg_refine"] = "refinement",
        ["vfnet_cls_dconv"] = "class_star",
        ["vfnet_cls"] = "class_logits",
        ["gfl_cls"] = "class_logits",
        ["gfl_reg"] = "distributions",
        ["reg_conf.0"] = "quality.hidden",
        ["reg_conf.2"] = "quality.logit",
    };

    /// <summary>The map for a file with these names; null if they are not MMDetection's.</summary>
    public static Func<string, string?>? MapOf(IReadOnlyCollection<string> names)
    {
        if (!names.Contains("neck.lateral_convs.0.conv.weight"))
            return null;
        var backbone = BackboneNames.For(names);
        return name => name.StartsWith(Backbone, StringComparison.Ordinal) ? backbone.Map(name[Backbone.Length..]) : OfNeckOrHead(name);
    }

    // Neck: three laterals, three outputs, P6 and P7. Each convolution of a tower is one module with its normalization.
    private static string? OfNeckOrHead(string name)
    {
        // The second is GFocalV2's list of distances, 0 to 16.
        if (name.EndsWith(".num_batches_tracked", StringComparison.Ordinal) || name == Head + "integral.project")
            return null;
        var neck = Neck().Match(name);
        if (neck.Success)
        {
            int index = int.Parse(neck.Groups["index"].ValueSpan, CultureInfo.InvariantCulture);
            string kind = neck.Groups["kind"].Value == "lateral" ? "lateral" : index < 3 ? "output" : "extra";
            return FormattableString.Invariant($"pyramid.{kind}{3 + index}{name[neck.Length..]}");
        }

        var tower = Tower().Match(name);
        if (tower.Success)
        {
            string part = tower.Groups["part"].Value switch { "gn" => "norm", "conv" => "conv", _ => "conv.offsets" };
            return $"head.{(tower.Groups["kind"].Value == "cls" ? "class" : "box")}_tower.{tower.Groups["index"].Value}.{part}{name[tower.Length..]}";
        }

        var scale = Scale().Match(name);
        if (scale.Success)
            return $"head.{(scale.Groups["refine"].Success ? "refinement_scales" : "scales")}.{scale.Groups["level"].Value}";
        int end = name.LastIndexOf('.');
        return name.StartsWith(Head, StringComparison.Ordinal) && end > Head.Length && HeadModules.TryGetValue(name[Head.Length..end], out string? own)
            ? $"head.{own}{name[end..]}" : name;
    }

    [GeneratedRegex(@"^neck\.((?<kind>lateral)_convs\.(?<index>[0-2])|(?<kind>fpn)_convs\.(?<index>[0-4]))\.conv(?=\.)")]
    private static partial Regex Neck();

    [GeneratedRegex(@"^bbox_head\.(?<kind>cls|reg)_convs\.(?<index>\d+)\.(?<part>conv\.conv_offset|conv|gn)(?=\.(weight|bias)$)")]
    private static partial Regex Tower();

    [GeneratedRegex(@"^bbox_head\.scales(?<refine>_refine)?\.(?<level>[0-4])\.scale$")]
    private static partial Regex Scale();
}
