using System.Text.Json;
using System.Text.Json.Serialization;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Inference;

/// <summary>Option records as JSON, in files and logs.</summary>
internal static class OptionsJson
{
    private static readonly JsonSerializerOptions Format = new() { Converters = { new JsonStringEnumConverter(), new ResizeConverter() } };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Format);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Format) ?? throw new JsonException("it is null");

    /// <summary>["ShortestEdge", 800, 1333] or ["Letterbox", 512, 512].</summary>
    private sealed class ResizeConverter : JsonConverter<Resize>
    {
        public override bool CanConvert(Type type) => typeof(Resize).IsAssignableFrom(type);

        public override Resize Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            using var json = JsonDocument.ParseValue(ref reader);
            if (json.RootElement is not { ValueKind: JsonValueKind.Array } rule || rule.GetArrayLength() != 3)
                throw new JsonException("a resize rule has a name and two sizes");
            var (first, second) = (rule[1].GetInt32(), rule[2].GetInt32());
            return rule[0].GetString() switch
            {
                "ShortestEdge" => Resize.ShortestEdge(first, second),
                "Letterbox" => Resize.Letterbox(first, second),
                var other => throw new JsonException($"'{other}' is no resize rule"),
            };
        }

        public override void Write(Utf8JsonWriter writer, Resize value, JsonSerializerOptions options)
        {
            var (name, first, second) = value switch
            {
                ShortestEdgeResize edge => ("ShortestEdge", edge.Shortest, edge.Longest),
                LetterboxResize letterbox => ("Letterbox", letterbox.Width, letterbox.Height),
                _ => throw new JsonException($"{value.GetType().Name} is no known resize rule"),
            };
            writer.WriteStartArray();
            writer.WriteStringValue(name);
            writer.WriteNumberValue(first);
            writer.WriteNumberValue(second);
            writer.WriteEndArray();
        }
    }
}
