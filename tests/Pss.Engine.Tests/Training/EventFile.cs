using System.Buffers.Binary;
using Tensorboard;

namespace Pss.Engine.Tests.Training;

/// <summary>A reader of event files by TensorBoard's own messages, which TorchSharp brings; throws where a record is damaged.</summary>
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
            var read = Event.Parser.ParseFrom(bytes, at + 12, length);
            events.Add((
                read.WhatCase == Event.WhatOneofCase.FileVersion ? read.FileVersion : null, read.Step, read.WallTime,
                read.Summary?.Value.ToDictionary(value => value.Tag, value => value.SimpleValue) ?? []));
            at += 12 + length + 4;
        }
        return events;
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
