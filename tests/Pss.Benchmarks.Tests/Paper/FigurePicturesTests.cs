using System.Xml.Linq;
using Pss.Benchmarks.Paper;
using Pss.Engine.Data.Scenes;
using Pss.Engine.Reports;

namespace Pss.Benchmarks.Tests.Paper;

public sealed class FigurePicturesTests
{
    [Fact]
    public void Shows_detections_and_heat_maps_of_both_detectors_on_every_picture()
    {
        var network = PaperNetwork.Default;
        var withPss = PaperTables.Rows(1, network).First(row => row.Detector == "ATSS_PSS").Options;
        var truth = new SceneGenerator(network.Scenes, seed: 1).Dataset(0, 5);
        var (first, second) = (Setup.Untrained(withPss with { Selector = null }, network.Size), Setup.Untrained(withPss, network.Size));
        var data = new FigurePictures(first with { Classes = ["object"] }, second with { Classes = ["object"] }, truth, 3).Create();

        Assert.Equal(["scene_000000.png", "scene_000001.png", "scene_000003.png"], data.Pictures.Select(picture => picture.Picture.Name));
        Assert.All(data.Pictures, picture => Assert.Equal(["ATSS, NMS", "ATSS_PSS, no NMS"], picture.Outputs.Select(output => output.Name)));
        Assert.All(data.HeatMaps, map => Assert.Equal(["P3", "P4", "P5", "P6", "P7"], map.Levels.Select(level => level.Name)));
        // Untrained, the selector says 0.5 almost everywhere.
        var level = data.HeatMaps[0].Levels[0];
        Assert.Equal(16 * 12, level.Plain.Count);
        Assert.InRange(level.Plain.Average(), 0.001, 0.02);
        Assert.InRange(level.WithPss.Average() / level.Plain.Average(), 0.3, 0.7);
        Assert.Contains(XDocument.Parse(HtmlReport.Render(data)[15..]).Descendants("h2"), title => title.Value == "Score heat maps");
    }
}
