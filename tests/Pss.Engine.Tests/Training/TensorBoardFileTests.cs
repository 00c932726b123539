using Pss.Engine.Training;
using Pss.Tests;

namespace Pss.Engine.Tests.Training;

public sealed class TensorBoardFileTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2024, 5, 6, 7, 8, 9, 500, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Steps_are_read_back_with_their_names_and_numbers()
    {
        for (var step = 1; step <= 3; step++)
            TensorBoardFile.Append(Path, Progress(step, step == 3 ? new(0.25, 0.5, 0.3, 0.6) : null), Time);
        var events = EventFile.Read(Path);
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Equal([0, 1, 2, 3], events.Select(each => each.Step));
        Assert.All(events, each => Assert.Equal(Time.ToUnixTimeMilliseconds() / 1000.0, each.Time));
        Assert.Equal(2.5f, events[2].Scalars["loss/total"]);
        Assert.Equal(0.01f, events[2].Scalars["training/learning_rate"]);
        Assert.DoesNotContain("validation/ap_end_to_end", events[2].Scalars.Keys);
        Assert.Equal((0.25f, 0.6f), (events[3].Scalars["validation/ap_end_to_end"], events[3].Scalars["validation/ap50_with_nms"]));
    }

    [Fact]
    public void Large_steps_and_names_outside_ASCII_are_kept()
    {
        TensorBoardFile.Append(Path, Progress(3_000_000_000) with { Losses = new Dictionary<string, double> { [new string('ü', 200)] = double.NaN } }, Time);
        var written = EventFile.Read(Path)[1];
        Assert.Equal(3_000_000_000, written.Step);
        Assert.Equal(float.NaN, written.Scalars["loss/" + new string('ü', 200)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(20)]
    public void Shortened_it_ends_at_the_checkpoint_and_goes_on_from_there(int lost)
    {
        for (var step = 1; step <= 5; step++)
            TensorBoardFile.Append(Path, Progress(step), Time);
        // A process that is killed may leave a part of a record.
        File.WriteAllBytes(Path, File.ReadAllBytes(Path)[..^lost]);
        TensorBoardFile.Shorten(Path, lastStep: 4);
        TensorBoardFile.Append(Path, Progress(5), Time);
        Assert.Equal([0, 1, 2, 3, 4, 5], EventFile.Read(Path).Select(each => each.Step));
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_shortened() => TensorBoardFile.Shorten(_folder["none"], 1);

    private string Path => _folder[TensorBoardFile.FileName];

    private static TrainingProgress Progress(long step, EpochEvaluation? evaluation = null)
        => new(0, 1, step, 5, 0.01, new Dictionary<string, double> { ["total"] = step + 0.5 }, 1, 2, TimeSpan.Zero, evaluation);
}
