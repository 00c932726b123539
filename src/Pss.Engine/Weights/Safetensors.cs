using System.Buffers.Binary;
using System.Text.Json;

namespace Pss.Engine.Weights;

/// <summary>Reads and writes safetensors files: eight bytes of header length, a JSON header, then the raw arrays without gaps.</summary>
internal static class Safetensors
{
    /// <summary>The longest header that is accepted: the format's own limit.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private static readonly Dictionary<string, WeightDtype> Dtypes = new()
    {
        ["BOOL"] = WeightDtype.Bool,
        ["U8"] = WeightDtype.UInt8,
        ["I8"] = WeightDtype.Int8,
        ["I16"] = WeightDtype.Int16,
        ["I32"] = WeightDtype.Int32,
        ["I64"] = WeightDtype.Int64,
        ["F16"] = WeightDtype.Float16,
        ["BF16"] = WeightDtype.BFloat16,
        ["F32"] = WeightDtype.Float32,
        ["F64"] = WeightDtype.Float64,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="WeightFileException">The file is cut short, the header is invalid, or its offsets overlap, leave gaps or point outside the file.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static WeightFile Read(string path)
    {
        using var stream = Open(path);
        return Read(stream, path);
    }

    /// <summary>Whether a file begins as the format does: with a header in JSON.</summary>
    public static bool IsAt(string path)
    {
        using var stream = Open(path);
        Span<byte> start = stackalloc byte[9];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[^1] == (byte)'{';
    }

    /// <summary>Opens a file of weights.</summary>
    /// <exception cref="IOException">It cannot be opened, or is a folder; the message says so.</exception>
    public static FileStream Open(string path)
        => Directory.Exists(path) ? throw new IOException($"{path} is a folder: name the detector's file, such as best.safetensors in it.") : File.OpenRead(path);

    /// <summary>Reads from a seekable stream, from its position to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The name for error messages.</param>
    /// <exception cref="WeightFileException">As for <see cref="Read(string)"/>.</exception>
    public static WeightFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var length = stream.Length - stream.Position;
        if (length < 8) throw new WeightFileException(name, 0, $"{length} bytes are too few for a safetensors file");
        var headerLength = ReadHeaderLength(stream, name, length);
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        var (entries, metadata) = ParseHeader(header, name);
        CheckOffsets(entries, name, 8 + headerLength, length);
        return new WeightFile(entries.Select(entry => ReadTensor(stream, entry, name, 8 + headerLength)), metadata);
    }

    /// <summary>Writes a file, whole or not at all. The same arrays and metadata give the same bytes, in any order.</summary>
    /// <exception cref="ArgumentException">An array has the name reserved for metadata.</exception>
    public static void Write(string path, WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        AtomicFile.Write(path, stream => Write(stream, file));
    }

    /// <summary>Writes to a stream; see <see cref="Write(string, WeightFile)"/>.</summary>
    public static void Write(Stream stream, WeightFile file)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(file);
        // Wide elements first, so that every array is aligned to its element size.
        var tensors = file.Tensors.OrderByDescending(tensor => NamedTensor.SizeOf(tensor.Dtype))
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        var header = WriteHeader(tensors, file.Metadata);
        var padding = -header.Length & 7;
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length + padding);
        stream.Write(prefix);
        stream.Write(header);
        stream.Write("       "u8[..padding]);
        foreach (var tensor in tensors) stream.Write(tensor.Data.Span);
    }

    private static int ReadHeaderLength(Stream stream, string name, long length)
    {
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaxHeaderBytes)
            throw new WeightFileException(name, 0,
                $"the header's length is {headerLength}, outside 2 to {MaxHeaderBytes}: this is not a safetensors file");
        if ((long)headerLength > length - 8)
            throw new WeightFileException(name, 0,
                $"the header's length is {headerLength}, but only {length - 8} bytes follow: the file is cut short");
        return (int)headerLength;
    }

    private static (List<Entry> Entries, Dictionary<string, string> Metadata) ParseHeader(byte[] header, string name)
    {
        var entries = new List<Entry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name)) throw new WeightFileException(name, 8, $"the header names '{property.Name}' twice");
                if (property.Name == MetadataKey)
                    foreach (var text in property.Value.EnumerateObject())
                        metadata[text.Name] = text.Value.GetString()
                            ?? throw new WeightFileException(name, 8, $"the metadata '{text.Name}' is null");
                else
                    entries.Add(ParseEntry(property, name));
            }
        }
        catch (JsonException fault)
        {
            throw new WeightFileException(name, 8 + (fault.BytePositionInLine ?? 0), $"the header is not valid JSON ({fault.Message})", fault);
        }
        catch (InvalidOperationException fault)
        {
            throw new WeightFileException(name, 8, $"the header has a value of the wrong kind ({fault.Message})", fault);
        }
        return (entries, metadata);
    }

    private static Entry ParseEntry(JsonProperty property, string name)
    {
        WeightFileException Fault(string problem) => new(name, 8, $"the header's entry '{property.Name}' {problem}");

        var value = property.Value;
        if (!value.TryGetProperty("dtype", out var dtypeText) || !value.TryGetProperty("shape", out var shapeArray)
            || !value.TryGetProperty("data_offsets", out var offsets))
            throw Fault("lacks dtype, shape or data_offsets");
        if (!Dtypes.TryGetValue(dtypeText.GetString() ?? "", out var dtype)) throw Fault($"has the dtype {dtypeText}, which is not supported");
        long Number(JsonElement element) =>
            element.TryGetInt64(out var number) && number >= 0 ? number : throw Fault($"has {element} as a size or an offset");
        var shape = shapeArray.EnumerateArray().Select(Number).ToArray();
        var range = offsets.EnumerateArray().Select(Number).ToArray();
        if (range.Length != 2) throw Fault($"has {range.Length} data_offsets, not 2");
        Int128 bytes = NamedTensor.SizeOf(dtype);
        foreach (var size in shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue) throw Fault($"has the shape [{string.Join(", ", shape)}], too large to be stored");
        }
        if (range[1] < range[0] || range[1] - range[0] != bytes)
            throw Fault($"spans bytes {range[0]} to {range[1]}, but {dtype} of shape [{string.Join(", ", shape)}] takes {bytes}");
        return new Entry(property.Name, dtype, shape, range[0], range[1]);
    }

    private static void CheckOffsets(List<Entry> entries, string name, long dataStart, long length)
    {
        var end = 0L;
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        foreach (var entry in entries)
        {
            if (entry.Begin != end)
                throw new WeightFileException(name, dataStart + entry.Begin,
                    $"'{entry.Name}' {(entry.Begin < end ? "overlaps" : "leaves a gap to")} the array before it");
            if (entry.End > length - dataStart)
                throw new WeightFileException(name, dataStart + entry.Begin,
                    $"'{entry.Name}' ends at byte {(Int128)dataStart + entry.End}, but the file has {length}: it is cut short");
            if (entry.End - entry.Begin > Array.MaxLength)
                throw new WeightFileException(name, dataStart + entry.Begin,
                    $"'{entry.Name}' has {entry.End - entry.Begin} bytes, more than one array may hold");
            end = entry.End;
        }
        if (dataStart + end != length)
            throw new WeightFileException(name, dataStart + end, $"{length - dataStart - end} bytes at the end belong to no array");
    }

    private static NamedTensor ReadTensor(Stream stream, Entry entry, string name, long dataStart)
    {
        var data = new byte[entry.End - entry.Begin];
        if (stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) < data.Length)
            throw new WeightFileException(name, dataStart + entry.Begin, $"the file ended while '{entry.Name}' was read");
        return new NamedTensor(entry.Name, entry.Dtype, entry.Shape, data);
    }

    private static byte[] WriteHeader(NamedTensor[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject(MetadataKey);
            foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, text);
            json.WriteEndObject();
        }
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Name == MetadataKey) throw new ArgumentException($"the name {MetadataKey} is reserved for text", nameof(tensors));
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", Dtypes.First(pair => pair.Value == tensor.Dtype).Key);
            json.WriteStartArray("shape");
            foreach (var size in tensor.Shape) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += tensor.Data.Length);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.ToArray();
    }

    private sealed record Entry(string Name, WeightDtype Dtype, long[] Shape, long Begin, long End);
}
