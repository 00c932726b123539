using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pss.Engine.Data.Images;
using Pss.Engine.Inference;

namespace Pss.MLNet.Saving;

/// <summary>
/// A detector as text: a line of JSON, how it runs, and its file in Base64. As a text in a column it is state of the model, which a custom mapping cannot have;
/// ML.NET hands texts from row to row without copying them, as it does not with vectors.
/// </summary>
internal static class DetectorText
{
    private const string Name = "The detector in the saved model";
    private static readonly JsonSerializerOptions Format = new()
    {
        Converters = { new JsonStringEnumConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    // A detector lives as long as the text of its model: when that is collected, so is the detector, and its tensors free their memory.
    private static readonly ConditionalWeakTable<object, Slot> Slots = [];

    /// <summary>Writes a detector.</summary>
    /// <param name="model">The detector; weights are rounded where the options' precision is BFloat16.</param>
    /// <param name="options">How it runs. The device is not written: it is chosen where the model is loaded.</param>
    public static string Write(DetectorModel model, InferenceOptions options)
    {
        // A resize rule is stored with the detector.
        model = model with { Resize = options.Resize ?? model.Resize };
        using var file = new MemoryStream();
        (options.Precision == Precision.BFloat16 ? model.ToBFloat16(options.FoldBatchNorm) : model).Save(file);
        var json = JsonSerializer.Serialize(options with { Device = null, Resize = null }, Format);
        return $"{json}\n{Convert.ToBase64String(file.GetBuffer().AsSpan(0, (int)file.Length))}";
    }

    /// <summary>The detector of a text: the same one for every row and thread of a loaded model, made for the first of them.</summary>
    /// <exception cref="InvalidDataException">The text is damaged.</exception>
    public static Detector Detector(ReadOnlyMemory<char> text) => Slots.GetOrCreateValue(Owner(text)).Get(text);

    /// <summary>What holds the characters. A model's table has a single text, which every row refers to.</summary>
    private static object Owner(ReadOnlyMemory<char> text)
        => MemoryMarshal.TryGetString(text, out var whole, out _, out _) ? whole
            : MemoryMarshal.TryGetArray(text, out var segment) ? segment.Array! : throw new NotSupportedException("The text is in memory of an unknown kind.");

    private static Detector Read(ReadOnlySpan<char> text)
    {
        var (end, bytes) = (text.IndexOf('\n'), Array.Empty<byte>());
        InferenceOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<InferenceOptions>(text[..Math.Max(0, end)], Format);
            bytes = new byte[(text.Length - end) / 4 * 3];
            if (!Convert.TryFromBase64Chars(text[(end + 1)..], bytes, out var length))
                throw new FormatException("its file is not in Base64");
            using var file = new MemoryStream(bytes, 0, length);
            return new(DetectorModel.Load(file, Name), options);
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new InvalidDataException($"{Name} is damaged ({error.Message}): save the model anew.", error);
        }
    }

    private sealed class Slot
    {
        private readonly Lock _gate = new();
        private volatile Detector? _detector;

        // A failure is not kept: a device that is too small may have room later.
        public Detector Get(ReadOnlyMemory<char> text)
        {
            if (_detector is { } made)
                return made;
            lock (_gate)
                return _detector ??= Read(text.Span);
        }
    }
}
