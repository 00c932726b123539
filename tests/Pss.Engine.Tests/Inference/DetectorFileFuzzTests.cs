using System.Buffers.Binary;
using CsCheck;
using Pss.Engine.Data.Images;
using Pss.Engine.Detectors;
using Pss.Engine.Inference;
using Pss.Engine.Tests.Detectors;
using Pss.Engine.Weights;

namespace Pss.Engine.Tests.Inference;

/// <summary>Damaged files of detectors.</summary>
public sealed class DetectorFileFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["damaged.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_damaged_file_is_read_or_refused_by_name()
    {
        using (var network = SmallDetectors.FcosPss.Build())
            new DetectorModel(SmallDetectors.FcosPss, ["a", "b", "c"], Resize.Letterbox(64, 64), NetworkWeights.Save(network)).Save(Path);
        var file = File.ReadAllBytes(Path);
        var end = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        var weights = file[end..];
        // The header says everything that is not a number of the network. Its length is put right, so that what is damaged inside it is reached.
        Fuzz.Check(Fuzz.Mutated(file[8..end]), header => Read(header, weights), fault => fault is WeightFileException && fault.Message.StartsWith(Path, StringComparison.Ordinal));
    }

    private void Read(byte[] header, byte[] weights)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        _folder.Write("damaged.safetensors", [.. length, .. header, .. weights]);
        DetectorModel.Load(Path);
    }
}
