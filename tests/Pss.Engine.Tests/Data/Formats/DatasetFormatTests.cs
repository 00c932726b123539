using System.Globalization;
using System.Text;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;
using Pss.Engine.Evaluation;
using Pss.Engine.Inference;

namespace Pss.Engine.Tests.Data.Formats;

public sealed class DatasetFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_dataset_is_the_same_through_coco_voc_and_yolo()
    {
        var original = SmallDataset.Make(_folder["images"], crowds: false);

        CocoWriter.WriteAnnotations(_folder["set.json"], original);
        var coco = DetectionDataset.Load(_folder["set.json"]);
        SmallDataset.AssertSame(original, coco);

        VocWriter.Write(_folder["voc"], coco, copyImages: true);
        var voc = DetectionDataset.Load(_folder["voc"]);
        SmallDataset.AssertSame(original, voc);

        YoloWriter.Write(_folder["yolo"], voc, copyImages: true);
        var yolo = DetectionDataset.Load(_folder["yolo"]);
        SmallDataset.AssertSame(original, yolo);

        CocoWriter.WriteAnnotations(_folder["images", "again.json"], yolo);
        SmallDataset.AssertSame(original, CocoReader.Read(_folder["images", "again.json"]));
        Assert.Equal(File.ReadAllText(_folder["set.json"]), File.ReadAllText(_folder["images", "again.json"]));
    }

    [Fact]
    public void Boxes_with_decimals_survive_voc_and_yolo()
    {
        var original = SmallDataset.Make(_folder["images"], images: 1);
        ObjectAnnotation[] objects = [new() { Id = 1, Label = 0, Box = new(3.07, 2.93, 17.65, 11.01) }];
        original = new() { Categories = original.Categories, Images = [original.Images[0] with { Objects = objects }] };
        VocWriter.Write(_folder["voc"], original);
        YoloWriter.Write(_folder["yolo"], original);
        var options = new ReadOptions { ImageFolder = _folder["images"] };

        SmallDataset.AssertSame(original, VocReader.Read(_folder["voc"], options));
        SmallDataset.AssertSame(original, YoloReader.Read(_folder["yolo", "data.yaml"], options));
    }

    [Fact]
    public void Crowds_become_difficult_in_voc_and_are_counted_out_of_yolo()
    {
        var original = SmallDataset.Make(_folder["images"], images: 6);
        var crowds = original.Images.Sum(image => image.Objects.Count(item => item.IsCrowd));
        Assert.True(crowds > 0);
        VocWriter.Write(_folder["voc"], original, copyImages: true);
        SmallDataset.AssertSame(original, VocReader.Read(_folder["voc"]));

        Assert.Equal(crowds, YoloWriter.Write(_folder["yolo"], original, copyImages: true));
        Assert.Equal(original.ObjectCount - crowds, DetectionDataset.Load(_folder["yolo"]).ObjectCount);
    }

    [Fact]
    public void Coco_keeps_masks_areas_and_crowds()
    {
        const string Masks = """
            {"info": {"nested": [1, {"deep": [[]]}]}, "annotations": [
             {"id": 9, "image_id": 7, "category_id": 40, "bbox": [1, 2, 3.5, 4], "area": 9.25, "iscrowd": 0, "segmentation": [[1, 2, 4.5, 2, 4.5, 6], [1, 1, 2, 1, 2, 2]]},
             {"id": 8, "image_id": 7, "category_id": 3, "bbox": [0, 0, 2, 3], "iscrowd": 1, "segmentation": {"size": [8, 10], "counts": [5, 3, 72]}},
             {"id": 6, "image_id": 7, "category_id": 3, "bbox": [0, 0, 2, 3], "segmentation": []}],
             "categories": [{"id": 40, "name": "b"}, {"id": 3, "name": "a"}],
             "images": [{"id": 7, "file_name": "x.png", "width": 10, "height": 8}, {"id": 2, "file_name": "empty.png", "width": 4, "height": 4}]}
            """;
        var options = new ReadOptions { CheckImages = false };
        var data = CocoReader.Read(_folder.Write("set.json", Masks), options);

        Assert.Equal([new(3, "a"), new(40, "b")], data.Categories);
        Assert.Equal([7, 2], data.Images.Select(image => image.Id));
        Assert.Empty(data.Images[1].Objects);
        ObjectAnnotation[] expected =
        [
            new() { Id = 9, Label = 1, Box = new(1, 2, 3.5, 4), Area = 9.25, Mask = new PolygonSegmentation([[1, 2, 4.5, 2, 4.5, 6], [1, 1, 2, 1, 2, 2]]) },
            new() { Id = 8, Label = 0, Box = new(0, 0, 2, 3), IsCrowd = true, Mask = new RleSegmentation(8, 10, [5, 3, 72]) },
            new() { Id = 6, Label = 0, Box = new(0, 0, 2, 3) },
        ];
        Assert.Equal(expected, data.Images[0].Objects);
        Assert.Equal(6, data.Images[0].Objects[1].Area);

        CocoWriter.WriteAnnotations(_folder["copy.json"], data);
        SmallDataset.AssertSame(data, CocoReader.Read(_folder["copy.json"], options));
    }

    [Fact]
    public void Reading_coco_takes_no_more_than_half_again_of_the_files_size()
    {
        // Records as in instances_train2017.json.
        var random = new SeededRandom(1);
        var text = new StringBuilder("""{"categories": [{"id": 1, "name": "a"}], "images": [""");
        text.AppendJoin(',', Enumerable.Range(1, 1000).Select(id => $$"""{"id": {{id}}, "file_name": "{{id:D12}}.jpg", "width": 640, "height": 480, "license": 3, "date_captured": "2013-11-14 11:18:45", "coco_url": "http://images.cocodataset.org/train2017/{{id:D12}}.jpg", "flickr_url": "http://farm9.staticflickr.com/8186/8119368305_4e622c8349_z.jpg"}"""));
        text.Append("""], "annotations": [""");
        text.AppendJoin(',', Enumerable.Range(1, 7000).Select(id => string.Create(CultureInfo.InvariantCulture,
            $$"""{"id": {{id}}, "image_id": {{random.Next(1, 1001)}}, "category_id": 1, "iscrowd": 0, "area": 702.1057, "bbox": [17.25, 20.5, 41.75, 33.12], "segmentation": [[{{string.Join(',', Enumerable.Range(0, 60).Select(_ => string.Create(CultureInfo.InvariantCulture, $"{random.Next(10_000, 40_000) / 100.0:F2}")))}}]]}""")));
        var file = _folder.Write("set.json", text.Append("]}").ToString());
        var options = new ReadOptions { CheckImages = false };

        // All that is ever allocated: the most that is held at once is less. The least of a few: a collection may empty the pool of buffers.
        var least = Enumerable.Range(0, 5).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(7000, CocoReader.Read(file, options).ObjectCount);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.InRange(least / (double)new FileInfo(file).Length, 0.5, 1.5);
    }

    [Fact]
    public void Results_come_back_as_they_were_written()
    {
        DetectionResult[] results =
        [
            new(7, 40, new(1.1, 2.2, 3.3, 4.7), 0.1, new RleSegmentation(8, 10, [5, 3, 72])),
            new(2, 3, BoundingBox.FromCorners(0.1f, 1, 0.7f, 3), 1.0 / 3),
        ];
        CocoResults.Write(_folder["results.json"], results);
        Assert.Equal(results, CocoResults.Read(_folder["results.json"]));

        var data = SmallDataset.Make(_folder["images"], images: 2);
        CocoResults.Write(_folder["results.json"], data, [[], [new Detection(1, 2, 4, 6, 0.5f, 1)]]);
        Assert.Equal([new(2, 2, new(1, 2, 3, 4), 0.5)], CocoResults.Read(_folder["results.json"]));
        Assert.Throws<ArgumentException>(() => CocoResults.Write(_folder["results.json"], data, [[]]));
    }

    [Theory]
    [InlineData("{}", "", "")]
    [InlineData("[{\"image_id\": 1, \"category_id\": 2, \"bbox\": [1, 2, 3, 4], \"score\": 1}, {\"image_id\": 1}]", "[1]", "category_id")]
    [InlineData("[{\"image_id\": 1, \"category_id\": 2, \"bbox\": [1, 2, 3, 4], \"score\": NaN}]", "[0]", "score")]
    [InlineData("[{\"image_id\": 1, \"category_id\": 2, \"bbox\": [1, 2, 3], \"score\": 1}]", "[0]", "bbox")]
    [InlineData("[{\"image_id\": 1, \"category_id\": 2, \"score\": 1}]", "[0]", "bbox")]
    [InlineData("[7]", "[0]", "")]
    public void A_faulty_result_is_named(string text, string record, string field)
    {
        var fault = Assert.Throws<DatasetException>(() => CocoResults.Read(_folder.Write("r.json", text)));
        Assert.Equal((record, field), (fault.Record, fault.Field));
    }

    [Fact]
    public void Compressed_runs_are_the_ones_of_the_coco_tools()
    {
        // Worked by hand: counts from the fourth on are differences to the count two before.
        var runs = new RleSegmentation(4, 5, [2, 3, 4, 1, 3, 2, 5]);
        Assert.Equal("234NO12", runs.ToCompressed());
        Assert.Equal(runs, RleSegmentation.FromCompressed(4, 5, "234NO12"));
        var wide = new RleSegmentation(1000, 1000, [0, 100_000, 17, 899_000, 983]);
        Assert.Equal(wide, RleSegmentation.FromCompressed(1000, 1000, wide.ToCompressed()));
    }

    [Fact]
    public void Vott_json_and_csv_are_read()
    {
        new RgbImage(50, 40).SavePng(_folder["a b.png"]);
        _folder.Write("set-export.json", """
            {"name": "p", "assets": {"k1": {"asset": {"format": "png", "id": "k1", "name": "a b.png", "size": {"width": 50, "height": 40}, "state": 2},
              "regions": [{"id": "r", "type": "RECTANGLE", "tags": ["car", "red"], "boundingBox": {"height": 10, "width": 20.5, "left": 1, "top": 2},
                           "points": [{"x": 1, "y": 2}, {"x": 21.5, "y": 2}, {"x": 21.5, "y": 12}, {"x": 1, "y": 12}]},
                          {"id": "s", "type": "POLYGON", "tags": ["red"], "boundingBox": {"height": 5, "width": 6, "left": 3, "top": 4},
                           "points": [{"x": 3, "y": 4}, {"x": 9, "y": 4}, {"x": 9, "y": 9}]}], "version": "2.1.0"}},
             "tags": [{"name": "red", "color": "#f00"}, {"name": "car", "color": "#00f"}]}
            """);
        var json = DetectionDataset.Load(_folder["set-export.json"]);
        Assert.Equal([new(1, "red"), new(2, "car")], json.Categories);
        var image = Assert.Single(json.Images);
        Assert.Equal(new BoundingBox(1, 2, 20.5, 10), image.Objects[0].Box);
        Assert.Equal([1, 0, 0], image.Objects.Select(item => item.Label));
        Assert.Equal(new PolygonSegmentation([[3, 4, 9, 4, 9, 9]]), image.Objects[2].Mask);

        _folder.Write("set.csv", "\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\r\n\"a b.png\",1,2,21.5,12,\"car\"\r\n\r\n\"a b.png\",3.0,4,9,9,\"the \"\"red\"\" one\"\r\n");
        var csv = DetectionDataset.Load(_folder["set.csv"]);
        Assert.Equal([new(1, "car"), new(2, "the \"red\" one")], csv.Categories);
        Assert.Equal([new(1, 2, 20.5, 10), new(3, 4, 6, 5)], Assert.Single(csv.Images).Objects.Select(item => item.Box));
    }

    [Fact]
    public void Voc_corners_may_count_from_one_and_classes_may_be_given()
    {
        _folder.Write("Annotations/a.xml", "<annotation><filename>a.jpg</filename><size><width>10</width><height>8</height></size>"
            + "<object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>10</xmax><ymax>8</ymax></bndbox></object></annotation>");
        var options = new ReadOptions { OneBasedVoc = true, CheckImages = false, Categories = ["cat", "dog"] };
        var item = Assert.Single(Assert.Single(VocReader.Read(_folder[""], options).Images).Objects);
        Assert.Equal((1, new BoundingBox(0, 0, 10, 8)), (item.Label, item.Box));
    }

    [Fact]
    public void Yolo_folders_lists_outlines_and_backgrounds_are_read()
    {
        new RgbImage(20, 10).SavePng(_folder["images", "train", "sub", "b.png"]);
        new RgbImage(20, 10).SavePng(_folder["images", "train", "a.png"]);
        new RgbImage(20, 10).SavePng(_folder["images", "val", "c.png"]);
        _folder.Write("labels/train/sub/b.txt", "1 0.5 0.5 0.5 1\n\n0 0.1 0.2 0.5 0.2 0.5 0.6\n");
        _folder.Write("labels/val/c.txt", "0 0.5 0.5 1 1");
        var yaml = _folder.Write("data.yaml", "# set\npath: .\ntrain: [images/train]\nval: ../images/val\nnc: 2\nextra: {a: [1, 2]}\nnames: ['x', \"y z\"]\n");

        var all = YoloReader.Read(yaml);
        Assert.Equal(["a.png", "sub/b.png", "c.png"], all.Images.Select(image => image.FileName));
        Assert.Empty(all.Images[0].Objects);
        Assert.Equal(new BoundingBox(5, 0, 10, 10), all.Images[1].Objects[0].Box);
        Assert.Equal(new PolygonSegmentation([[2, 2, 10, 2, 10, 6]]), all.Images[1].Objects[1].Mask);
        Assert.Equal("c.png", Assert.Single(YoloReader.Read(yaml, new() { Split = "val" }).Images).FileName);
    }

    [Fact]
    public void A_folder_without_a_dataset_says_what_was_looked_for()
    {
        Directory.CreateDirectory(_folder["empty"]);
        var fault = Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder["empty"]));
        foreach (var word in new[] { "COCO", "VOC", "YOLO", "VoTT" })
            Assert.Contains(word, fault.Message);
    }

    [Fact]
    public void Several_json_files_ask_for_the_split()
    {
        var data = SmallDataset.Make(_folder["images"]);
        CocoWriter.WriteAnnotations(_folder["train.json"], data);
        CocoWriter.WriteAnnotations(_folder["val.json"], data);
        var fault = Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder[""]));
        Assert.Contains("train.json, val.json", fault.Message);
        Assert.Equal("val", DetectionDataset.Load(_folder[""], new() { Split = "val" }).Name);
    }

    [Fact]
    public void A_split_is_disjoint_complete_and_follows_the_seed()
    {
        var data = SmallDataset.Make(_folder["images"], images: 10);
        var (train, validation) = data.Split(0.3, seed: 1);
        Assert.Equal((7, 3), (train.Images.Count, validation.Images.Count));
        Assert.Equal(data.Images, train.Images.Concat(validation.Images).OrderBy(image => image.Id));
        Assert.Equal(train.Images, data.Split(0.3, seed: 1).Train.Images);
        Assert.NotEqual(train.Images, data.Split(0.3, seed: 2).Train.Images);
    }

    [Fact]
    public void Nothing_is_left_of_a_folder_that_fails()
    {
        var data = SmallDataset.Make(_folder["images"], images: 2);
        var escaping = new DetectionDataset { Categories = data.Categories, Images = [data.Images[0], data.Images[1] with { FileName = "../../x.png" }] };
        var fault = Assert.Throws<DatasetException>(() => YoloWriter.Write(_folder["out"], escaping));
        Assert.Contains("points outside", fault.Message);
        Assert.Equal([_folder["images"]], Directory.GetFileSystemEntries(_folder[""].TrimEnd('/')));
    }
}
