using System.Buffers.Binary;
using System.Text;

namespace Pss.Engine.Tests.Training;

/// <summary>A reader of TensorBoard's event files that shares no code with the writer; throws where a record is damaged.</summary>
internal static class EventFile
{
    /// <summary>The events in the file's order: their versions, steps and scalars.</summary>
    public static List<(string? Version, long Step, double Time, Dictionary<string, float> Scalars)> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var events = new List<(string?, long, double, Dictionary<string, float>)>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at, 8));
            RequireChecksum(bytes, at, 8);
            RequireChecksum(bytes, at + 12, length);
            var fields = Fields(bytes.AsMemory(at + 12, length));
            var scalars = fields.Where(field => field.Number == 5).SelectMany(summary => Fields(summary.Bytes)).Select(value => Fields(value.Bytes)).ToDictionary(
                value => Encoding.UTF8.GetString(value.Single(field => field.Number == 1).Bytes.Span), value => BitConverter.Int32BitsToSingle((int)value.Single(field => field.Number == 2).Value));
            events.Add((
                fields.Where(field => field.Number == 3).Select(field => Encoding.UTF8.GetString(field.Bytes.Span)).SingleOrDefault(),
                (long)fields.SingleOrDefault(field => field.Number == 2).Value,
                BitConverter.UInt64BitsToDouble(fields.Single(field => field.Number == 1).Value),
                scalars));
            at += 12 + length + 4;
        }
        return events;
    }

    private static List<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<(int, ulong, ReadOnlyMemory<byte>)>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message.Span, ref at);
            var (value, size) = (key & 7) switch
            {
                0 => (Varint(message.Span, ref at), 0),
                1 => (BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), 8),
                2 => (0UL, (int)Varint(message.Span, ref at)),
                5 => (BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), 4),
                _ => throw new InvalidDataException($"wire type {key & 7}"),
            };
            fields.Add(((int)(key >> 3), value, message.Slice(at, size)));
            at += size;
        }
        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(bytes[at] & 0x7f) << shift;
            if (bytes[at++] < 0x80)
                return value;
        }
    }

    private static void RequireChecksum(byte[] bytes, int start, int length)
    {
        var crc = 0xffffffffu;
        foreach (var value in bytes.AsSpan(start, length))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
        }
        crc = ~crc;
        var masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
        if (masked != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(start + length)))
            throw new InvalidDataException($"the checksum of the {length} bytes at {start} is wrong");
    }
}
