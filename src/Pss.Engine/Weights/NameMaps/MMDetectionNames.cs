using System.Globalization;
using System.Text.RegularExpressions;

namespace Pss.Engine.Weights.NameMaps;

/// <summary>Maps the weight names of MMDetection's FCOS and ATSS checkpoints to the names in this library's networks.</summary>
internal static partial class MMDetectionNames
{
    private const string Backbone = "backbone.";

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
        if (name.EndsWith(".num_batches_tracked", StringComparison.Ordinal))
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
            string part = tower.Groups["part"].Value == "gn" ? "norm" : "conv";
            return $"head.{(tower.Groups["kind"].Value == "cls" ? "class" : "box")}_tower.{tower.Groups["index"].Value}.{part}{name[tower.Length..]}";
        }

        // Versions before 2.1 call FCOS's predictors fcos_cls and so on; ATSS's are still called atss_cls.
        var predictor = Predictor().Match(name);
        if (predictor.Success)
            return (predictor.Groups["kind"].Value switch { "cls" => "head.class_logits", "reg" => "head.boxes", _ => "head.centerness" }) + name[predictor.Length..];
        var scale = Scale().Match(name);
        return scale.Success ? "head.scales." + scale.Groups["level"].Value : name;
    }

    [GeneratedRegex(@"^neck\.((?<kind>lateral)_convs\.(?<index>[0-2])|(?<kind>fpn)_convs\.(?<index>[0-4]))\.conv(?=\.)")]
    private static partial Regex Neck();

    [GeneratedRegex(@"^bbox_head\.(?<kind>cls|reg)_convs\.(?<index>\d+)\.(?<part>conv|gn)(?=\.(weight|bias)$)")]
    private static partial Regex Tower();

    [GeneratedRegex(@"^bbox_head\.(conv|fcos|atss)_(?<kind>cls|reg|centerness)(?=\.)")]
    private static partial Regex Predictor();

    [GeneratedRegex(@"^bbox_head\.scales\.(?<level>[0-4])\.scale$")]
    private static partial Regex Scale();
}
