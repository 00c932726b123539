using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Pss.Engine;

/// <summary>The header of a Linux library (64-bit, little-endian ELF): its processor, the libraries that it needs and their versions.</summary>
internal sealed class SharedLibrary
{
    private const int NeededTag = 1;
    private const int StringsTag = 5;
    private const long VersionsTag = 0x6ffffffe;
    private readonly FileStream _stream;
    private readonly List<(long Address, long Offset, long Size)> _loaded = [];
    private readonly List<(long Tag, long Value)> _dynamic = [];

    private SharedLibrary(FileStream stream)
    {
        _stream = stream;
        var header = Bytes(0, 64);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 0x464c457f || header[4] != 2 || header[5] != 1)
            throw new InvalidDataException("it is not a library of a 64-bit Linux system");
        Processor = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(18)) switch
        {
            62 => Architecture.X64,
            183 => Architecture.Arm64,
            _ => null,
        };
        var (table, size, count) = (Long(header, 32), Short(header, 54), Short(header, 56));
        var segments = Enumerable.Range(0, count).Select(i => Bytes(table + i * size, 56)).ToArray();
        foreach (var segment in segments)
        {
            var (kind, offset) = (BinaryPrimitives.ReadUInt32LittleEndian(segment), Long(segment, 8));
            if (kind == 1)
                _loaded.Add((Long(segment, 16), offset, Long(segment, 32)));
            else if (kind == 2)
                _dynamic.AddRange(Enumerable.Range(0, (int)(Long(segment, 32) / 16)).Select(i => Bytes(offset + 16 * i, 16)).Select(entry => (Long(entry, 0), Long(entry, 8))));
        }
        Needed = [.. _dynamic.Where(entry => entry.Tag == NeededTag).Select(entry => Name(entry.Value))];
        Versions = [.. ReadVersions()];
    }

    /// <summary>The processor architecture; null for one that libtorch does not support.</summary>
    public Architecture? Processor { get; }

    /// <summary>The names of the libraries that it needs.</summary>
    public IReadOnlyList<string> Needed { get; }

    /// <summary>The versions of these libraries that it needs.</summary>
    public IReadOnlyList<(string Library, string Version)> Versions { get; }

    /// <summary>Reads a library; null if the file is not one.</summary>
    public static SharedLibrary? Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return new(stream);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private IEnumerable<(string Library, string Version)> ReadVersions()
    {
        if (_dynamic.FirstOrDefault(entry => entry.Tag == VersionsTag) is not (not 0, var address))
            yield break;
        for (long library = Offset(address), next = 1; next != 0; library += next)
        {
            var needed = Bytes(library, 16);
            next = Int(needed, 12);
            var entry = library + Int(needed, 8);
            for (var i = 0; i < Short(needed, 2); i++)
            {
                var version = Bytes(entry, 16);
                yield return (Name(Int(needed, 4)), Name(Int(version, 8)));
                entry += Int(version, 12);
            }
        }
    }

    private string Name(long offset)
    {
        _stream.Position = Offset(_dynamic.First(entry => entry.Tag == StringsTag).Value) + offset;
        var name = new List<byte>();
        for (int next; (next = _stream.ReadByte()) > 0;)
            name.Add((byte)next);
        return Encoding.UTF8.GetString([.. name]);
    }

    private long Offset(long address)
    {
        var segment = _loaded.First(segment => address >= segment.Address && address < segment.Address + segment.Size);
        return address - segment.Address + segment.Offset;
    }

    private byte[] Bytes(long offset, int count)
    {
        var bytes = new byte[count];
        _stream.Position = offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private static long Long(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

    private static uint Int(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static int Short(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
}
