using Pss.Engine.Weights;
using Pss.Engine.Weights.NameMaps;

namespace Pss.Engine.Tests.Weights;

public sealed class PyTorchCheckpointTests
{
    [Theory]
    [InlineData("tiny", "weights.pth")]
    [InlineData("micro", "weights.pth")]
    [InlineData("micro", "weights_legacy.pth")]
    public void Reads_what_the_safetensors_file_holds(string model, string file) => SafetensorsTests.AssertSame(
        Safetensors.Read(OracleFiles.Path("torchvision_fcos", model, "weights.safetensors")),
        PyTorchCheckpoint.Read(OracleFiles.Path("torchvision_fcos", model, file)));

    [Fact]
    public void Names_of_torchvision_become_those_of_this_library()
    {
        var path = OracleFiles.Path("torchvision_fcos", "micro", "weights.pth");
        var raw = PyTorchCheckpoint.Read(path);
        Assert.Equal(raw.Names.Select(TorchvisionNames.Fcos).OfType<string>(), WeightFile.Read(path).Names);
        const string Body = "backbone.body.";
        using var folder = new TemporaryFolder();
        raw.Rename(name => name.StartsWith(Body, StringComparison.Ordinal) ? name[Body.Length..] : null).Save(folder["resnet.safetensors"]);
        var resNet = WeightFile.Read(folder["resnet.safetensors"]).Names.ToArray();
        Assert.Contains("backbone.stem.conv.weight", resNet);
        Assert.All(resNet, name => Assert.StartsWith("backbone.", name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    public void Views_become_arrays_of_their_own(string name)
    {
        var file = PyTorchCheckpoint.Read(OracleFiles.Path("pytorch", name));
        var whole = Enumerable.Range(0, 24).Select(i => (float)i).ToArray();
        void Expect(string tensor, WeightDtype dtype, long[] shape, params float[] values)
        {
            Assert.Equal(dtype, file[tensor].Dtype);
            Assert.Equal(shape, file[tensor].Shape);
            Assert.Equal(values, file[tensor].ToSingles());
        }

        Expect("whole", WeightDtype.Float32, [4, 6], whole);
        Expect("transposed", WeightDtype.Float32, [6, 4], [.. whole.Select((_, i) => (float)(i % 4 * 6 + i / 4))]);
        Expect("inner", WeightDtype.Float32, [2, 3], 8, 9, 10, 14, 15, 16);
        Expect("column", WeightDtype.Float32, [4], 3, 9, 15, 21);
        Expect("row", WeightDtype.Float32, [6], 12, 13, 14, 15, 16, 17);
        Expect("expanded", WeightDtype.Float32, [2, 3], 1.5f, 1.5f, 1.5f, 1.5f, 1.5f, 1.5f);
        Expect("permuted", WeightDtype.Int32, [4, 2, 3], [.. whole.Select((_, i) => (float)(i / 6 + i % 6 * 4))]);
        Expect("parameter", WeightDtype.Float32, [2], 0.25f, -0.5f);
        Expect("half", WeightDtype.Float16, [3], 1, -0.5f, 65504);
        Expect("brain", WeightDtype.BFloat16, [3], 1, -3, MathF.Pow(2, 100));
        Expect("double", WeightDtype.Float64, [1], 0.1f);
        Expect("scalar", WeightDtype.Int64, [], 1234567890123);
        Expect("flags", WeightDtype.Bool, [3], 1, 0, 1);
        Expect("bytes", WeightDtype.UInt8, [2], 0, 255);
        Expect("empty", WeightDtype.Float32, [0, 3]);
        Assert.Equal(1234567890123, BitConverter.ToInt64(file["scalar"].Data.Span));
    }

    [Theory]
    [InlineData("training.pth")]
    [InlineData("training_legacy.pth")]
    [InlineData("training_protocol4.pth")]
    public void The_state_dict_of_a_training_checkpoint_is_found(string name)
    {
        var path = OracleFiles.Path("pytorch", name);
        Assert.Equal([1f], Assert.Single(PyTorchCheckpoint.Read(path).Tensors).ToSingles());
        Assert.Equal([2f], PyTorchCheckpoint.Read(path, "model_ema")["w"].ToSingles());
        Assert.Contains("epoch, best", Assert.Throws<WeightFileException>(() =>
            PyTorchCheckpoint.Read(path, "epoch")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    public void Every_truncation_is_a_fault_that_names_the_file(string name)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(OracleFiles.Path("pytorch", name));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.Write("cut.pth", whole[..length]);
            var fault = Assert.Throws<WeightFileException>(() => WeightFile.Read(path));
            Assert.StartsWith(path, fault.Path, StringComparison.Ordinal);
            Assert.InRange(fault.Offset, 0, whole.Length);
        }
    }

    [Theory]
    [InlineData("views.pth")]
    [InlineData("views_legacy.pth")]
    public void Mutated_files_are_read_or_refused_and_nothing_else(string name)
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(OracleFiles.Path("pytorch", name));
        var refused = 0;
        for (var position = 0; position < whole.Length; position += 3)
            foreach (var value in new[] { 0, 0xff, whole[position] ^ 1, whole[position] ^ 0x80 })
            {
                var bytes = whole.ToArray();
                bytes[position] = (byte)value;
                try
                {
                    PyTorchCheckpoint.Read(folder.Write("mutated.pth", bytes));
                }
                catch (WeightFileException)
                {
                    refused++;
                }
            }
        Assert.True(refused > whole.Length / 6, $"{refused} of {4 * whole.Length / 3} refused");
    }

    [Fact]
    public void Other_files_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<WeightFileException>(() => WeightFile.Read(folder.Write("text.pth", "<!DOCTYPE html>"u8.ToArray())));
        Assert.Throws<WeightFileException>(() => WeightFile.Read(folder.Write("empty.pth", [])));
        Assert.Throws<FileNotFoundException>(() => WeightFile.Read(folder["none.pth"]));
    }
}
