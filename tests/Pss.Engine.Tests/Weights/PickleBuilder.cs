using System.Text;

namespace Pss.Engine.Tests.Weights;

/// <summary>Writes pickles by hand, instruction by instruction, inside the frame of a legacy checkpoint.</summary>
internal sealed class PickleBuilder
{
    private readonly MemoryStream _bytes = new();

    public PickleBuilder Raw(params byte[] bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public PickleBuilder Op(string codes) => Raw(Encoding.Latin1.GetBytes(codes));

    public PickleBuilder Global(string module, string member) => Op($"c{module}\n{member}\n");

    public PickleBuilder Text(string text) =>
        Op("X").Raw(BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text))).Raw(Encoding.UTF8.GetBytes(text));

    public PickleBuilder Int(long value) => Raw(0x8a, 8).Raw(BitConverter.GetBytes(value));

    public PickleBuilder Ints(params long[] values)
    {
        Op("(");
        foreach (var value in values) Int(value);
        return Op("t");
    }

    public PickleBuilder Storage(string type, string key, long count) =>
        Op("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count).Op("NtQ");

    public PickleBuilder Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op("(").Storage(type, key, count).Int(offset).Ints(shape).Ints(strides).Raw(0x89).Op("NtR");

    /// <summary>A pickle of one entry named "w".</summary>
    public static PickleBuilder Entry(Action<PickleBuilder> value)
    {
        var pickle = new PickleBuilder().Raw(0x80, 2).Op("}").Text("w");
        value(pickle);
        return pickle.Op("s.");
    }

    /// <summary>The whole file: magic number, version, machine, this pickle, the keys, then each storage.</summary>
    public byte[] ToLegacyFile(params (string Key, long Count, byte[] Data)[] storages)
    {
        var file = new PickleBuilder()
            .Raw(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).Op(".")
            .Raw(0x80, 2).Int(1001).Op(".")
            .Raw(0x80, 2).Op("}").Text("little_endian").Raw(0x88).Op("s.")
            .Raw(_bytes.ToArray())
            .Raw(0x80, 2).Op("](");
        foreach (var storage in storages) file.Text(storage.Key);
        file.Op("e.");
        foreach (var storage in storages) file.Raw(BitConverter.GetBytes(storage.Count)).Raw(storage.Data);
        return file._bytes.ToArray();
    }

    public byte[] ToArray() => _bytes.ToArray();
}
