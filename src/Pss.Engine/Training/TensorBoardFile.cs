using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Pss.Engine.Training;

/// <summary>
/// Scalars as TensorBoard reads them: an event file of records (length, its checksum, an Event of protocol buffers, its checksum). Unlike TorchSharp's
/// writer it leaves out what a resumed training writes again.
/// </summary>
internal static class TensorBoardFile
{
    /// <summary>The name of the file in the output folder; TensorBoard looks for "tfevents".</summary>
    public const string FileName = "events.out.tfevents.pss";

    private const int HeaderSize = sizeof(ulong) + sizeof(uint);
    private const int WallTimeField = 1, StepField = 2, VersionField = 3, SummaryField = 5;
    private const int SummaryValueField = 1, TagField = 1, SimpleValueField = 2;
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <summary>Adds the numbers of one step to the file, which begins with its first.</summary>
    public static void Append(string path, TrainingProgress progress, DateTimeOffset time)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        if (stream.Length == 0)
            stream.Write(Record(Version(time)));
        stream.Write(Record(Event(progress.Step, Scalars(progress), time)));
    }

    /// <summary>Leaves out steps behind a checkpoint, and a last record that was not written to its end.</summary>
    public static void Shorten(string path, long lastStep)
    {
        if (!File.Exists(path))
            return;
        var bytes = File.ReadAllBytes(path);
        AtomicFile.Write(path, stream =>
        {
            foreach (var (start, length) in Records(bytes))
            {
                if (StepOf(bytes.AsSpan(start + HeaderSize, length)) <= lastStep)
                    stream.Write(bytes, start, HeaderSize + length + sizeof(uint));
            }
        });
    }

    /// <summary>The named numbers of a step.</summary>
    private static IEnumerable<(string Tag, double? Value)> Scalars(TrainingProgress progress) =>
    [
        .. progress.Losses.Select(loss => ($"loss/{loss.Key}", (double?)loss.Value)),
        ("training/learning_rate", progress.LearningRate),
        ("training/gradient_norm", progress.GradientNorm),
        ("training/images_per_second", progress.ImagesPerSecond),
        ("validation/ap_end_to_end", progress.Evaluation?.EndToEndAp),
        ("validation/ap50_end_to_end", progress.Evaluation?.EndToEndAp50),
        ("validation/ap_with_nms", progress.Evaluation?.OneToManyAp),
        ("validation/ap50_with_nms", progress.Evaluation?.OneToManyAp50),
        ("validation/mask_ap_end_to_end", progress.Evaluation?.EndToEndMaskAp),
        ("validation/mask_ap_with_nms", progress.Evaluation?.OneToManyMaskAp),
    ];

    private static byte[] Version(DateTimeOffset time) => Message(writer =>
    {
        WriteTime(writer, time);
        WriteDelimited(writer, VersionField, Encoding.UTF8.GetBytes("brain.Event:2"));
    });

    private static byte[] Event(long step, IEnumerable<(string Tag, double? Value)> scalars, DateTimeOffset time) => Message(writer =>
    {
        WriteTime(writer, time);
        WriteKey(writer, StepField, Varint);
        writer.Write7BitEncodedInt64(step);
        WriteDelimited(writer, SummaryField, Message(summary =>
        {
            foreach (var (tag, value) in scalars)
            {
                if (value is { } number)
                    WriteDelimited(summary, SummaryValueField, Scalar(tag, number));
            }
        }));
    });

    private static byte[] Scalar(string tag, double value) => Message(writer =>
    {
        WriteDelimited(writer, TagField, Encoding.UTF8.GetBytes(tag));
        WriteKey(writer, SimpleValueField, Fixed32);
        writer.Write((float)value);
    });

    private static byte[] Message(Action<BinaryWriter> write)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        write(writer);
        return stream.ToArray();
    }

    private static void WriteTime(BinaryWriter writer, DateTimeOffset time)
    {
        WriteKey(writer, WallTimeField, Fixed64);
        writer.Write((time - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    private static void WriteDelimited(BinaryWriter writer, int field, byte[] value)
    {
        WriteKey(writer, field, Delimited);
        writer.Write7BitEncodedInt(value.Length);
        writer.Write(value);
    }

    private static void WriteKey(BinaryWriter writer, int field, int type) => writer.Write((byte)(field << 3 | type));

    private static byte[] Record(byte[] data)
    {
        var record = new byte[HeaderSize + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Checksum(record.AsSpan(0, sizeof(ulong))));
        data.CopyTo(record, HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderSize + data.Length), Checksum(data));
        return record;
    }

    /// <summary>CRC-32C, rotated and shifted, so that a checksum of checksums still tells something.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    /// <summary>Start of each whole record and length of its data.</summary>
    private static IEnumerable<(int Start, int Length)> Records(byte[] bytes)
    {
        for (var start = 0; start + HeaderSize <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(start));
            if (length > (ulong)(bytes.Length - start - HeaderSize))
                yield break;
            var end = start + HeaderSize + (int)length;
            if (end + sizeof(uint) > bytes.Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(end)) != Checksum(bytes.AsSpan(start + HeaderSize, (int)length)))
                yield break;
            yield return (start, (int)length);
            start = end + sizeof(uint);
        }
    }

    /// <summary>The step of an event of this class, which follows the time; 0 for the version.</summary>
    private static long StepOf(ReadOnlySpan<byte> data)
    {
        const int At = 1 + sizeof(double);
        if (data.Length <= At || data[At] != (StepField << 3 | Varint))
            return 0;
        using var reader = new BinaryReader(new MemoryStream(data[(At + 1)..].ToArray()));
        return reader.Read7BitEncodedInt64();
    }
}
