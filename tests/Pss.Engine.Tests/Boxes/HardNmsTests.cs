using Pss.Engine.Boxes;

namespace Pss.Engine.Tests.Boxes;

public class HardNmsTests
{
    public static TheoryData<string, float> Cases()
    {
        var data = new TheoryData<string, float>();
        foreach (var item in OracleTensors.Json("losses", "nms.json").GetProperty("cases").EnumerateArray())
            data.Add(item.GetProperty("case").GetString()!, item.GetProperty("iou_threshold").GetSingle());
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Keeps_what_the_oracle_keeps(string name, float threshold)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        var file = OracleTensors.Arrays("losses", "nms.safetensors");
        float[] boxes = file[name + ".boxes"].ToSingles(), scores = file[name + ".scores"].ToSingles();
        int[] labels = [.. OracleTensors.ToArray(file[name + ".labels"].ToTensor()).Select(label => (int)label)];
        int[] byClass = [.. OracleTensors.ToArray(file[name + ".keep_batched"].ToTensor()).Select(index => (int)index)];
        int[] agnostic = [.. OracleTensors.ToArray(file[name + ".keep_agnostic"].ToTensor()).Select(index => (int)index)];
        Assert.Equal(byClass, HardNms.Keep(boxes, scores, labels, threshold));
        Assert.Equal(agnostic, HardNms.Keep(boxes, scores, [], threshold));
        Assert.Equal(byClass.Take(10), HardNms.Keep(boxes, scores, labels, threshold, limit: 10));
    }

    [Fact]
    public void Keeps_a_box_exactly_at_the_threshold_and_takes_an_empty_list()
    {
        Assert.Equal([0, 1, 2], HardNms.Keep([0, 0, 10, 10, 0, 0, 10, 5, 0, 5, 10, 10], [0.9f, 0.8f, 0.7f], [], 0.5f));
        Assert.Empty(HardNms.Keep([], [], [], 0.5f));
    }

    [Fact]
    public void Of_equal_scores_the_first_stays()
    {
        Assert.Equal([0], HardNms.Keep([0, 0, 10, 10, 0, 0, 10, 10], [0.5f, 0.5f], [3, 3], 0.5f));
        Assert.Equal([0, 1], HardNms.Keep([0, 0, 10, 10, 0, 0, 10, 10], [0.5f, 0.5f], [3, 4], 0.5f));
    }

    [Fact]
    public void Lengths_that_do_not_agree_are_refused() =>
        Assert.Throws<ArgumentException>(() => HardNms.Keep(new float[8], new float[3], [], 0.5f));
}
