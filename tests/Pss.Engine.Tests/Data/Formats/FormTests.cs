using System.Text;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

/// <summary>Forms that files state, numbers, splits and encodings.</summary>
public sealed class FormTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FormTests() => new RgbImage(100, 50).SavePng(_folder["images", "a.png"]);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kpt_shape: [2, 3]", "0 0.5 0.5 0.2 0.4 0.1 0.2 2 0.3 0.4 1")]
    [InlineData("kpt_shape: [2, 2]", "0 0.5 0.5 0.2 0.4 0.1 0.2 0.3 0.4")]
    [InlineData("kpt_shape: [17, 3]", "0 0.5 0.5 0.2 0.4")]
    [InlineData("", "0 0.5 0.5 0.2 0.4")]
    [InlineData("", "0.000000000000000000e+00 5e-1 0.5 2.0E-1 +0.4")]
    public void The_box_of_a_yolo_line_is_in_its_first_numbers(string shape, string line)
        => Assert.Equal(new BoundingBox(40, 15, 20, 20), Yolo(shape, line).Images[0].Objects.Single().Box);

    [Theory]
    [InlineData("kpt_shape: [2, 3]", "0 0.5 0.5 0.2 0.4 0.1 0.2 0.3 0.4", "kpt_shape")]
    [InlineData("kpt_shape: 17", "0 0.5 0.5 0.2 0.4", "kpt_shape")]
    [InlineData("", "0 0.5 0.5 0.2 0.4 0.97", "score")]
    [InlineData("", "0 0,5 0,5 0,2 0,4", "decimal point")]
    [InlineData("", "0.5 0.5 0.5 0.2 0.4", "class index")]
    [InlineData("", "-1 0.5 0.5 0.2 0.4", "class index")]
    public void Another_form_is_refused(string shape, string line, string what)
        => Assert.Contains(what, Assert.Throws<DatasetException>(() => Yolo(shape, line)).Message);

    [Fact]
    public void An_outline_of_four_corners_gives_its_box_and_mask()
    {
        var item = Yolo("", "0 0.4 0.3 0.6 0.3 0.6 0.7 0.4 0.7").Images[0].Objects.Single();
        Assert.Equal(new BoundingBox(40, 15, 20, 20), item.Box);
        Assert.NotNull(item.Mask);
    }

    [Fact]
    public void Masks_of_one_polygon_are_written_as_YOLO_outlines_and_the_others_counted()
    {
        double[] triangle = [10.25, 10, 40, 12, 20, 45.5];
        var box = new BoundingBox(10.25, 10, 29.75, 35.5);
        Segmentation?[] masks =
        [
            Segmentation.FromPolygons([triangle]), Segmentation.FromPolygons([triangle, [1, 1, 5, 1, 5, 5]]), Segmentation.FromRuns(50, 100, [1000, 20, 3980]), null,
            Segmentation.FromPolygons([[0, 0, 90, 0, 90, 40]]),
        ];
        var image = new ImageRecord { Id = 1, FileName = "a.png", Width = 100, Height = 50, Objects = [.. masks.Select(mask => new ObjectAnnotation { Label = 0, Box = box, Mask = mask })] };
        var dataset = new DetectionDataset { Categories = [new(1, "a")], Images = [image] };
        Assert.Equal((0, 4, 3), (dataset.CountLostMasks(DatasetFormat.Coco), dataset.CountLostMasks(DatasetFormat.Voc), dataset.CountLostMasks(DatasetFormat.Yolo)));
        dataset.Save(_folder["yolo"], DatasetFormat.Yolo);
        var back = DetectionDataset.Load(_folder["yolo"], new() { ImageFolder = _folder["images"] }).Images.Single().Objects;
        Assert.Equal([masks[0], null, null, null, null], back.Select(item => item.Mask));
        Assert.All(back, item => Assert.Equal(box, item.Box));
    }

    [Fact]
    public void Images_of_one_name_in_two_splits_are_two_images_and_one_folder_in_two_splits_is_read_once()
    {
        foreach (var split in (string[])["train", "valid"])
        {
            Directory.CreateDirectory(_folder[split, "images"]);
            new RgbImage(100, 50).SavePng(_folder[split, "images", "000.png"]);
            _folder.Write($"{split}/labels/000.txt", "0 0.5 0.5 0.2 0.4");
        }
        var yaml = _folder.Write("two.yaml", "train: ../train/images\nval: ../valid/images\nnames: [a]");
        Assert.Equal(["000.png", "val/000.png"], YoloReader.Read(yaml).Images.Select(image => image.FileName));
        Assert.Equal("000.png", YoloReader.Read(yaml, new() { Split = "val" }).Images.Single().FileName);

        var same = YoloReader.Read(_folder.Write("same.yaml", "train: train/images\nval: train/images\nnames: [a]"));
        Assert.Single(same.Images);
        Assert.Contains(same.Notes, note => note.Problem.Contains("read once", StringComparison.Ordinal));
    }

    [Fact]
    public void A_split_that_is_not_there_is_an_error_that_lists_those_that_are()
    {
        Yolo("", "0 0.5 0.5 0.2 0.4");
        Assert.Contains("train", Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder["data.yaml"], new() { Split = "nosuch" })).Message);
        _folder.Write("voc/Annotations/a.xml", "<annotation/>");
        _folder.Write("voc/ImageSets/Main/trainval.txt", "a");
        Assert.Contains("trainval", Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder["voc"], new() { Split = "nosuch" })).Message);
        var coco = _folder.Write("set.json", "{\"images\": [], \"annotations\": [], \"categories\": []}");
        Assert.Contains("no splits", Assert.Throws<DatasetException>(() => DetectionDataset.Load(coco, new() { Split = "nosuch" })).Message);
    }

    [Fact]
    public void Roboflows_VOC_has_a_folder_for_each_split()
    {
        foreach (var (split, x) in ((string, int)[])[("train", 1), ("valid", 2)])
        {
            Directory.CreateDirectory(_folder["set", split]);
            new RgbImage(20, 10).SavePng(_folder["set", split, "a.png"]);
            _folder.Write($"set/{split}/a.xml", $"<annotation><filename>a.png</filename><object><name>a</name><bndbox><xmin>{x}</xmin><ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>");
        }
        Assert.Equal(["train", "val"], DetectionDataset.SplitsOf(_folder["set"]));
        Assert.Contains("train, valid", Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder["set"])).Message);
        Assert.Equal(1, DetectionDataset.Load(_folder["set"], new() { Split = "train" }).Images.Single().Objects.Single().Box.X);
        Assert.Equal(2, DetectionDataset.Load(_folder["set"], new() { Split = "val" }).Images.Single().Objects.Single().Box.X);
    }

    [Fact]
    public void Roboflows_COCO_has_a_folder_for_each_split_too()
    {
        foreach (var (split, x) in ((string, int)[])[("train", 1), ("valid", 2)])
        {
            Directory.CreateDirectory(_folder["set", split]);
            new RgbImage(20, 10).SavePng(_folder["set", split, "a.png"]);
            _folder.Write($"set/{split}/_annotations.coco.json", "{\"images\": [{\"id\": 0, \"file_name\": \"a.png\", \"width\": 20, \"height\": 10}], \"categories\": [{\"id\": 1, \"name\": \"a\"}], "
                + $"\"annotations\": [{{\"id\": 0, \"image_id\": 0, \"category_id\": 1, \"bbox\": [{x}, 1, 3, 3]}}]}}");
        }
        Assert.Equal(["train", "val"], DetectionDataset.SplitsOf(_folder["set"]));
        Assert.Equal(1, DetectionDataset.Load(_folder["set"], new() { Split = "train" }).Images.Single().Objects.Single().Box.X);
        Assert.Equal(2, DetectionDataset.Load(_folder["set"], new() { Split = "val" }).Images.Single().Objects.Single().Box.X);
    }

    [Fact]
    public void The_folder_of_a_yolo_dataset_is_as_good_as_its_yaml()
    {
        Yolo("", "0 0.5 0.5 0.2 0.4");
        Assert.Single(DetectionDataset.Load(_folder[""], new() { Format = DatasetFormat.Yolo }).Images);
    }

    [Theory]
    [InlineData("data.yaml", "names: [\u4eae, \u6697]\ntrain: images\n", 1)]
    [InlineData("v.csv", "image,xmin,ymin,xmax,ymax,label\na.png,1,2,3,4,a\na.png,1,2,3,4,\u4eae\n", 3)]
    [InlineData("voc/classes.txt", "a\nb\nc\n\u4eae\n", 4)]
    public void Text_that_is_not_UTF8_is_refused_with_its_line_and_the_cure(string name, string text, int line)
    {
        _folder.Write("labels/a.txt", "0 0.5 0.5 0.2 0.4");
        _folder.Write("voc/a.xml", "<annotation><filename>a.png</filename></annotation>");
        // The two bytes of each character in GBK, which are no UTF-8.
        byte[] bytes = [.. text.SelectMany(c => c < 128 ? [(byte)c] : new byte[] { 0xc1, 0xc1 })];
        File.WriteAllBytes(_folder.Write(name, ""), bytes);
        var fault = Assert.Throws<DatasetException>(() => DetectionDataset.Load(name.StartsWith("voc", StringComparison.Ordinal) ? _folder["voc"] : _folder[name], new() { ImageFolder = _folder["images"] }));
        Assert.Equal($"line {line}", fault.Record);
        Assert.Contains("save the file as UTF-8", fault.Problem);
    }

    [Theory]
    [InlineData("{\"images\": [{\"id\": 1, \"file_name\": \"\u4eae.png\", \"width\": 1, \"height\": 1}], \"annotations\": [], \"categories\": []}", "set.json")]
    [InlineData("<annotation><filename>\u4eae.png</filename></annotation>", "a.xml")]
    public void So_are_json_and_xml(string text, string name)
    {
        byte[] bytes = [.. text.SelectMany(c => c < 128 ? [(byte)c] : new byte[] { 0xc1, 0xc1 })];
        File.WriteAllBytes(_folder.Write(name, ""), bytes);
        Assert.Contains("save the file as UTF-8", Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder[name])).Message);
    }

    [Fact]
    public void Text_in_UTF16_with_a_byte_order_mark_is_read()
    {
        _folder.Write("labels/a.txt", "0 0.5 0.5 0.2 0.4");
        File.WriteAllText(_folder["wide.yaml"], "train: images\nnames: [\u4eae]", Encoding.Unicode);
        Assert.Equal("\u4eae", YoloReader.Read(_folder["wide.yaml"]).Categories[0].Name);
    }

    [Fact]
    public void A_number_with_a_comma_is_refused_with_the_cure()
    {
        _folder.Write("voc/a.xml", "<annotation><filename>a.png</filename><object><name>a</name><bndbox><xmin>1,5</xmin><ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object></annotation>");
        Assert.Contains("1.5", Assert.Throws<DatasetException>(() => DetectionDataset.Load(_folder["voc"], new() { ImageFolder = _folder["images"] })).Message);
    }

    private DetectionDataset Yolo(string shape, string line)
    {
        _folder.Write("labels/a.txt", line);
        return YoloReader.Read(_folder.Write("data.yaml", $"train: images\nnames: [a]\n{shape}\n"));
    }
}
