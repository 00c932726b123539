using System.Text.Json.Nodes;

namespace Pss.Engine.Inference;

/// <summary>Brings the detector options of a file of version 1, one flat record for all kinds of detectors, to today's form.</summary>
internal static class OptionsUpgrade
{
    /// <summary>The options as today's files hold them.</summary>
    /// <param name="json">The options of a file of version 1.</param>
    /// <exception cref="InvalidOperationException">A value is not of its type.</exception>
    /// <exception cref="FormatException">The options lack a part.</exception>
    public static string FromVersion1(string json)
    {
        var old = JsonNode.Parse(json) as JsonObject ?? throw new FormatException("the options are no object");
        var (assignment, head, backbone) = (Part(old, "Assignment"), Part(old, "Head"), Part(old, "Backbone"));
        var kind = assignment["Method"]?.GetValue<string>() ?? throw new FormatException("the options have no Assignment.Method");
        // The discriminator comes first.
        var options = new JsonObject { ["Detector"] = kind };
        foreach (var (name, value) in old.Where(property => property.Key is not ("Assignment" or "Pixels")))
            options[name] = value?.DeepClone();

        Move(backbone, "Dialect", Part(options, "Backbone"), "Style");
        Move(head, "BoxForm", options, "BoxEncoding");
        Part(options, "Head").Remove("BoxForm");
        Move(assignment, "AnchorScale", options);
        Move(assignment, "LocationOffset", options, "PointOffset");
        Move(assignment, "IgnorePadding", options);
        Move(assignment, "CenterRadius", Part(options, "Matching"));
        // A record reads what is its own and passes over the rest.
        foreach (var name in (string[])["CenterRadius", "RangeBounds", "Candidates"])
            Move(assignment, name, options);
        return options.ToJsonString();
    }

    private static JsonObject Part(JsonObject options, string name) =>
        options[name] as JsonObject ?? throw new FormatException($"the options have no {name}");

    private static void Move(JsonObject from, string name, JsonObject to, string? newName = null)
    {
        if (from[name] is { } value)
            to[newName ?? name] = value.DeepClone();
    }
}
