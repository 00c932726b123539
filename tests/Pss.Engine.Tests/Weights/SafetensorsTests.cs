using System.Text;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Weights;

public sealed class SafetensorsTests
{
    private static readonly WeightFile Sample = new(
        [
            NamedTensor.FromSingles("conv.weight", [2, 1, 2], [1, -2, 3.5f, float.NaN]),
            new NamedTensor("steps", WeightDtype.Int64, [], BitConverter.GetBytes(7L)),
            new NamedTensor("empty", WeightDtype.Float16, [0, 3], default),
            new NamedTensor("flags", WeightDtype.Bool, [3], new byte[] { 1, 0, 1 }),
            new NamedTensor("日本\"\\", WeightDtype.UInt8, [1], new byte[] { 255 }),
        ],
        new Dictionary<string, string> { ["format"] = "pt", ["classes"] = "[\"a\"]" });

    [Fact]
    public void Reads_an_oracle()
    {
        var file = Safetensors.Read(OracleFiles.Path("torchvision_fcos", "micro", "weights.safetensors"));
        var expected = File.ReadAllLines(OracleFiles.Path("torchvision_fcos", "micro", "state_dict_keys.txt")).Where(line => line.Length > 0)
            .Select(line => line.Split('\t')).ToDictionary(parts => parts[0], parts => $"{parts[1]} {parts[2]}");
        Assert.Equal("micro", file.Metadata["model"]);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), file.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        foreach (var tensor in file.Tensors)
            Assert.Equal(expected[tensor.Name], $"{tensor.Dtype.ToString().ToLowerInvariant()} [{string.Join(", ", tensor.Shape)}]");
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a.safetensors"], Sample);
        var read = WeightFile.Read(folder["a.safetensors"]);
        Assert.Equal(Sample.Metadata.OrderBy(pair => pair.Key), read.Metadata.OrderBy(pair => pair.Key));
        AssertSame(Sample, read);
        Assert.Equal(["a.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void The_order_of_the_arrays_does_not_change_the_bytes()
    {
        using MemoryStream first = new(), second = new();
        Safetensors.Write(first, Sample);
        Safetensors.Write(second, new WeightFile(Sample.Tensors.Reverse(), Sample.Metadata.Reverse().ToDictionary()));
        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.Equal(0, BitConverter.ToInt64(first.ToArray()) % 8);
    }

    [Fact]
    public void Every_truncation_is_a_fault_that_names_file_and_offset()
    {
        using var whole = new MemoryStream();
        Safetensors.Write(whole, Sample);
        for (var length = 0; length < whole.Length; length++)
        {
            var fault = Fault(whole.ToArray()[..length]);
            Assert.Equal("test", fault.Path);
            Assert.InRange(fault.Offset, 0, whole.Length);
            Assert.StartsWith($"test, byte {fault.Offset}: ", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Mutated_files_are_read_or_refused_and_nothing_else()
    {
        using var whole = new MemoryStream();
        Safetensors.Write(whole, Sample);
        var refused = 0;
        for (var position = 0; position < whole.Length; position++)
            foreach (var value in new byte[] { 0, 0xff, (byte)'9', (byte)'"', (byte)'[' })
            {
                var bytes = whole.ToArray();
                bytes[position] = value;
                try
                {
                    Safetensors.Read(new MemoryStream(bytes), "test");
                }
                catch (WeightFileException)
                {
                    refused++;
                }
            }
        Assert.True(refused > whole.Length);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'b' overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "'b' leaves a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "ends at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "4 bytes at the end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "takes 12")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "spans bytes 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "-2 as a size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "1.5 as a size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}""", 8, "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4611686018427387904]}}""", 8, "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", 8, "99999999999999999999 as a size")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "lacks")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""", 8, "3 data_offsets")]
    [InlineData("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "wrong kind")]
    [InlineData("""{"a":[]}""", 0, "wrong kind")]
    [InlineData("""[1,2]""", 0, "wrong kind")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' twice")]
    [InlineData("""{"__metadata__":{"x":null}}""", 0, "'x' is null")]
    [InlineData("""{"__metadata__":{"x":1}}""", 0, "wrong kind")]
    [InlineData("""{"a":""", 0, "JSON")]
    [InlineData("""{}{}""", 0, "JSON")]
    [InlineData("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", 0, "JSON")]
    public void Lying_headers_are_refused(string header, int dataBytes, string problem)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        Assert.Contains(problem, Fault([.. BitConverter.GetBytes((long)bytes.Length), .. bytes, .. new byte[dataBytes]]).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(Safetensors.MaxHeaderBytes + 1L)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void Impossible_header_lengths_are_refused(long length) =>
        Assert.Equal(0, Fault([.. BitConverter.GetBytes(length), .. "{}"u8, .. new byte[20]]).Offset);

    [Fact]
    public void A_failed_write_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("a.safetensors", [1, 2, 3]);
        var reserved = new WeightFile([NamedTensor.FromSingles("__metadata__", [1], [1])]);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(path, reserved));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Arrays_that_do_not_fit_are_refused()
    {
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() =>
            new WeightFile([Sample.Tensors[0] with { Name = "a" }, Sample.Tensors[1] with { Name = "a" }])).Message, StringComparison.Ordinal);
        Assert.Contains("16 bytes", Assert.Throws<ArgumentException>(() =>
            new WeightFile([Sample.Tensors[0] with { Shape = [3] }])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => NamedTensor.FromSingles("a", [2], [1]));
        Assert.Contains("'nothing'", Assert.Throws<KeyNotFoundException>(() => Sample["nothing"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_get_other_names_or_are_left_out()
    {
        var renamed = Sample.Rename(name => name == Sample.Tensors[0].Name ? null : "new." + name);
        Assert.Equal(Sample.Tensors.Skip(1).Select(tensor => "new." + tensor.Name), renamed.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(Sample.Metadata, renamed.Metadata);
        Assert.Contains("'same'", Assert.Throws<ArgumentException>(() => Sample.Rename(_ => "same")).Message, StringComparison.Ordinal);
    }

    internal static void AssertSame(WeightFile expected, WeightFile actual)
    {
        static IEnumerable<string> Names(WeightFile file) => file.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal);
        Assert.Equal(Names(expected), Names(actual));
        foreach (var tensor in expected.Tensors)
        {
            var other = actual[tensor.Name];
            Assert.Equal(tensor.Dtype, other.Dtype);
            Assert.Equal(tensor.Shape, other.Shape);
            Assert.True(tensor.Data.Span.SequenceEqual(other.Data.Span), tensor.Name);
        }
    }

    private static WeightFileException Fault(byte[] bytes) => Assert.Throws<WeightFileException>(() =>
        Safetensors.Read(new MemoryStream(bytes), "test"));
}
