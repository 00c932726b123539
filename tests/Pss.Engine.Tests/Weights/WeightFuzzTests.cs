using System.Text;
using CsCheck;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Weights;

/// <summary>Damaged and generated weight files.</summary>
public sealed class WeightFuzzTests : IDisposable
{
    /// <summary>Instructions of pickles, with what follows them: allowed, forbidden, and with a length that is not there.</summary>
    private static readonly byte[][] Instructions =
    [
        "("u8.ToArray(), ")"u8.ToArray(), "]"u8.ToArray(), "}"u8.ToArray(), "t"u8.ToArray(), "s"u8.ToArray(), "u"u8.ToArray(), "e"u8.ToArray(), "a"u8.ToArray(), "0"u8.ToArray(), "1"u8.ToArray(),
        "2"u8.ToArray(), "N"u8.ToArray(), "Q"u8.ToArray(), "R"u8.ToArray(), "b"u8.ToArray(), "."u8.ToArray(), "o"u8.ToArray(), [0x85], [0x86], [0x87], [0x88], [0x89], [0x81], [0x93], [0x94], [0x8f],
        [(byte)'q', 0], [(byte)'h', 0], [(byte)'K', 3], [(byte)'M', 0, 1], [(byte)'J', 255, 255, 255, 255], [0x8a, 2, 0, 1], [0x8b, 255, 255, 255, 127], [(byte)'X', 1, 0, 0, 0, (byte)'k'],
        [(byte)'X', 255, 255, 255, 255], [0x8c, 4, .. "cpu\0"u8], [0x8d, 255, 255, 255, 255, 255, 255, 255, 127], [0x80, 4], [0x95, 1, 0, 0, 0, 0, 0, 0, 0],
        "ctorch._utils\n_rebuild_tensor_v2\n"u8.ToArray(), "ctorch\nFloatStorage\n"u8.ToArray(), "ccollections\nOrderedDict\n"u8.ToArray(), "cos\nsystem\n"u8.ToArray(), "ctorch\nSize\n"u8.ToArray(),
        new PickleBuilder().Storage("FloatStorage", "k", 6).ToArray(), new PickleBuilder().Tensor("FloatStorage", "k", 6, 0, [2], [1]).ToArray(),
    ];

    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["damaged.file"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    [InlineData("training_protocol4.pth")]
    public void A_damaged_checkpoint_is_read_or_refused_by_name(string name) => CheckDamaged(File.ReadAllBytes(OracleFiles.Path("pytorch", name)));

    [Fact]
    public void A_damaged_safetensors_file_is_read_or_refused_by_name() => CheckDamaged(SafetensorsFile());

    [Fact]
    public void A_generated_pickle_is_read_or_refused_by_name() =>
        Fuzz.Check(Gen.OneOf(Instructions).Array[0, 40], instructions =>
            Read(PickleBuilder.Entry(pickle => pickle.Raw([.. instructions.SelectMany(bytes => bytes)])).ToLegacyFile(("k", 6, new byte[24]))), IsDocumented);

    [Fact]
    public void A_generated_header_is_read_or_refused_by_name() =>
        Fuzz.Check(Gen.Select(Fuzz.Json("w", "b", "__metadata__", "dtype", "shape", "data_offsets"), Gen.Int[0, 64]), sample =>
        {
            var header = Encoding.UTF8.GetBytes(sample.Item1);
            Read([.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[sample.Item2]]);
        }, IsDocumented);

    private void CheckDamaged(byte[] file)
    {
        // The file as it is must be read, or the damage would prove nothing.
        Read(file);
        Fuzz.Check(Fuzz.Mutated(file), Read, IsDocumented);
    }

    private bool IsDocumented(Exception fault) => fault is WeightFileException && fault.Message.StartsWith(Path, StringComparison.Ordinal);

    private void Read(byte[] bytes)
    {
        _folder.Write("damaged.file", bytes);
        WeightFile.Read(Path);
    }

    private byte[] SafetensorsFile()
    {
        Safetensors.Write(Path, new([new("w", WeightDtype.Float32, [2, 3], new byte[24]), new("b", WeightDtype.Int64, [1], new byte[8])],
            new Dictionary<string, string> { ["format"] = "pt" }));
        return File.ReadAllBytes(Path);
    }
}
