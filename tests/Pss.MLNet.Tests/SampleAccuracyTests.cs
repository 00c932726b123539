using System.Globalization;
using Pss.Engine.Tests;

namespace Pss.MLNet.Tests;

/// <summary>The samples as a newcomer runs them, to their end: they must show something good.</summary>
public sealed class SampleAccuracyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Quickstart_ends_with_a_detector_that_detects()
    {
        var lines = FreshProcess.Run("Quickstart", _folder["out"]);
        var line = lines.Single(text => text.Contains("without NMS: AP ", StringComparison.Ordinal));
        Assert.InRange(Number(line, "AP "), 0.3, 1);
        Assert.InRange(Number(line, "AP50 "), 0.55, 1);
        Assert.Contains(lines, text => text.StartsWith("  object ", StringComparison.Ordinal));
    }

    [Fact]
    public void EndToEndVersusNms_shows_that_NMS_loses_objects_that_overlap()
    {
        var lines = FreshProcess.Run("EndToEndVersusNms", _folder["out"]);
        double Recall(string mode) => Number(lines.Single(line => line.StartsWith(mode, StringComparison.Ordinal)), "AR100 ");
        Assert.InRange(Recall("EndToEnd") - Recall("OneToMany"), 0.05, 1);
    }

    private static double Number(string line, string name)
    {
        var at = line.IndexOf(name, StringComparison.Ordinal) + name.Length;
        return double.Parse(line.AsSpan(at, 5), CultureInfo.InvariantCulture);
    }
}
