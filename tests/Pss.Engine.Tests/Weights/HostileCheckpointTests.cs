using System.IO.Compression;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Weights;

public sealed class HostileCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_builder_makes_files_that_are_read()
    {
        var data = new byte[24];
        BitConverter.TryWriteBytes(data.AsSpan(20), 2.5f);
        var path = Legacy(p => p.Tensor("FloatStorage", "k", 6, 4, [2], [1]), ("k", 6, data));
        Assert.Equal([0f, 2.5f], PyTorchCheckpoint.Read(path)["w"].ToSingles());
    }

    public static TheoryData<string, byte[]> Calls => new()
    {
        { "os.system", new PickleBuilder().Global("os", "system").Text("touch {0}").Raw(0x85).Op("R").ToArray() },
        { "posix.system", new PickleBuilder().Text("posix").Text("system").Raw(0x93).Text("touch {0}").Raw(0x85).Op("R").ToArray() },
        { "INST would create 'os.system'", new PickleBuilder().Op("(").Text("touch {0}").Op("ios\nsystem\n").ToArray() },
        { "builtins.eval", new PickleBuilder().Op("(").Global("builtins", "eval").Text("1").Op("o").ToArray() },
        { "OBJ", new PickleBuilder().Op("(").Global("collections", "OrderedDict").Op("o").ToArray() },
        { "NEWOBJ", new PickleBuilder().Global("collections", "OrderedDict").Op(")").Raw(0x81).ToArray() },
        { "NEWOBJ", new PickleBuilder().Global("collections", "OrderedDict").Op(")}").Raw(0x92).ToArray() },
        { "BUILD", new PickleBuilder().Global("torch", "Size").Op("}b").ToArray() },
        { "BUILD", new PickleBuilder().Op("}").Text("state").Op("b").ToArray() },
        { "numpy.core.multiarray._reconstruct", new PickleBuilder().Global("numpy.core.multiarray", "_reconstruct").ToArray() },
        { "torch.load", new PickleBuilder().Global("torch", "load").ToArray() },
        { "torch.hub.FloatStorage", new PickleBuilder().Global("torch.hub", "FloatStorage").ToArray() },
        { "builtins.getattr", new PickleBuilder().Global("builtins", "getattr").ToArray() },
        { "not a function", new PickleBuilder().Text("os.system").Op(")R").ToArray() },
        { "not a function", new PickleBuilder().Global("torch", "FloatStorage").Op(")R").ToArray() },
        { "unexpected arguments", new PickleBuilder().Global("torch", "Size").Op(")R").ToArray() },
        { "unexpected arguments", new PickleBuilder().Global("torch", "float32").Op(")R").ToArray() },
        { "0x82", new PickleBuilder().Raw(0x82, 1).ToArray() },
        { "0x50", new PickleBuilder().Op("Pkey\n").ToArray() },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Whatever_would_run_code_is_named_and_refused(string named, byte[] value)
    {
        Assert.Contains(named, Refusal(Legacy(p => p.Raw(value))).Message, StringComparison.Ordinal);
        Assert.Contains(named, Refusal(Zip(PickleBuilder.Entry(p => p.Raw(value)))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]> Bombs => new()
    {
        { "cut short", new PickleBuilder().Op("X").Raw(0, 0, 0, 1).ToArray() },
        { "longer than", new PickleBuilder().Op("X").Raw(0xff, 0xff, 0xff, 0xff).ToArray() },
        { "longer than", new PickleBuilder().Raw(0x8d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).ToArray() },
        { "longer than", new PickleBuilder().Raw(0x8b, 0xff, 0xff, 0xff, 0x7f).ToArray() },
        { "never stored", new PickleBuilder().Op("h").Raw(200).ToArray() },
        { "mark", new PickleBuilder().Op("t").ToArray() },
        { "missing", new PickleBuilder().Op("(s").ToArray() },
        { "list", new PickleBuilder().Op("}Na").ToArray() },
        { "no value", new PickleBuilder().Op("}(Nu").ToArray() },
        { "protocol", new PickleBuilder().Raw(0x80, 9).ToArray() },
        { "storage", new PickleBuilder().Text("k").Op("Q").ToArray() },
        { "reaches element 6", new PickleBuilder().Tensor("FloatStorage", "k", 6, 5, [2], [1]).ToArray() },
        { "too large", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [1L << 40, 1L << 40], [0, 0]).ToArray() },
        { "too large", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [2, 2], [long.MaxValue, long.MaxValue]).ToArray() },
        { "negative", new PickleBuilder().Tensor("FloatStorage", "k", 6, -1, [2], [1]).ToArray() },
        { "negative", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [-2], [1]).ToArray() },
        { "strides", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [2], [1, 1]).ToArray() },
        { "expand", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [1L << 30], [0]).ToArray() },
        { "up to 64", new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, new long[100], new long[100]).ToArray() },
        { "two ways", new PickleBuilder().Storage("FloatStorage", "k", 6).Op("0").Tensor("DoubleStorage", "k", 6, 0, [1], [1]).ToArray() },
    };

    [Fact]
    public void A_flood_of_containers_is_refused_before_memory_is_taken() =>
        Bombs_are_refused_before_memory_is_taken("instructions", Enumerable.Repeat((byte)'}', 3_000_000).ToArray());

    [Theory]
    [MemberData(nameof(Bombs))]
    public void Bombs_are_refused_before_memory_is_taken(string problem, byte[] value)
    {
        var path = Legacy(p => p.Raw(value), ("k", 6, new byte[24]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(problem, Refusal(path).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000_000);
    }

    [Fact]
    public void Values_that_recall_each_other_are_read_in_no_time()
    {
        // Each tuple holds the one before it twice: 2^5000 leaves, were they ever walked.
        var pickle = new PickleBuilder().Op(")");
        for (var i = 0; i < 5000; i++) pickle.Raw(0x94).Op("2").Raw(0x86);
        var itself = new PickleBuilder().Op("}").Raw(0x94).Text("self").Op("h").Raw(0, (byte)'s');
        Assert.Contains("no state dict", Refusal(Legacy(p => p.Raw(pickle.ToArray()))).Message, StringComparison.Ordinal);
        Assert.Contains("no state dict", Refusal(Legacy(p => p.Raw(itself.ToArray()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void False_storage_lists_are_refused()
    {
        void Expect(string problem, params (string, long, byte[])[] storages) =>
            Assert.Contains(problem, Refusal(Legacy(p =>
                p.Tensor("FloatStorage", "k", 6, 0, [6], [1]), storages)).Message, StringComparison.Ordinal);

        Expect("missing");
        Expect("no tensor uses", ("other", 6, new byte[24]));
        Expect("listed twice", ("k", 6, new byte[24]), ("k", 6, new byte[24]));
        Expect("7 elements", ("k", 7, new byte[28]));
        Expect("-1 elements", ("k", -1, []));
        Expect("ends inside", ("k", 6, new byte[23]));
    }

    [Fact]
    public void False_archives_are_refused()
    {
        var pickle = PickleBuilder.Entry(p => p.Tensor("FloatStorage", "0", 6, 0, [6], [1]));
        Assert.Equal(6, PyTorchCheckpoint.Read(Zip(pickle, ("a/data/0", new byte[24])))["w"].Count);
        Assert.Contains("no record a/data/0", Refusal(Zip(pickle)).Message, StringComparison.Ordinal);
        Assert.Contains("20 bytes", Refusal(Zip(pickle, ("a/data/0", new byte[20]))).Message, StringComparison.Ordinal);
        Assert.Contains("2 records", Refusal(Zip(pickle, ("b/data.pkl", []))).Message, StringComparison.Ordinal);
        Assert.Contains("little-endian", Refusal(Zip(pickle, ("a/byteorder", "big"u8.ToArray()))).Message, StringComparison.Ordinal);

        using var compressed = new MemoryStream();
        using (var zip = new ZipArchive(compressed, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var record = zip.CreateEntry("a/data.pkl", CompressionLevel.SmallestSize).Open();
            record.Write(new byte[1 << 20]);
        }
        Assert.Contains("compressed", Refusal(_folder.Write("compressed.pth", compressed.ToArray())).Message, StringComparison.Ordinal);
    }

    private static WeightFileException Refusal(string path) => Assert.Throws<WeightFileException>(() => WeightFile.Read(path));

    private string Legacy(Action<PickleBuilder> value, params (string, long, byte[])[] storages) =>
        _folder.Write("legacy.pth", PickleBuilder.Entry(value).ToLegacyFile(storages));

    private string Zip(PickleBuilder pickle, params (string Name, byte[] Data)[] records)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, data) in records.Prepend(("a/data.pkl", pickle.ToArray())))
            {
                using var record = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                record.Write(data);
            }
        return _folder.Write("archive.pth", bytes.ToArray());
    }
}
