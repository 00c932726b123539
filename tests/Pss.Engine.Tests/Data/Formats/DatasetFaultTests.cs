using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

public sealed class DatasetFaultTests : IDisposable
{
    private const string Images = "\"images\": [{\"id\": 1, \"file_name\": \"a.png\", \"width\": 20, \"height\": 10}]";
    private const string Categories = "\"categories\": [{\"id\": 5, \"name\": \"cat\"}]";
    private static readonly ReadOptions NoImages = new() { CheckImages = false };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string, string> Annotations() => new()
    {
        { """{"id": 4, "image_id": 1, "category_id": 6, "bbox": [1, 1, 2, 2]}""", "annotations[0] (id 4)", "category_id", "not the id of a category" },
        { """{"id": 4, "image_id": 2, "category_id": 5, "bbox": [1, 1, 2, 2]}""", "annotations[0] (id 4)", "image_id", "not the id of an image" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": [30, 1, 2, 2]}""", "annotations[0] (id 4)", "bbox", "outside" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": [5, 1, -2, 2]}""", "annotations[0] (id 4)", "bbox", "inverted" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": [5, 1e999, 3, 2]}""", "annotations[0] (id 4)", "bbox", "finite" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": [5, 1, 3]}""", "annotations[0] (id 4)", "bbox", "four" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": "5 1 3 2"}""", "annotations[0] (id 4)", "bbox", "array" },
        { """{"id": 4, "image_id": 1, "category_id": 5}""", "annotations[0] (id 4)", "bbox", "missing" },
        { """{"id": 4, "image_id": 1, "category_id": 5, "bbox": [1, 1, 2, 2], "iscrowd": 2}""", "annotations[0] (id 4)", "iscrowd", "0 nor 1" },
        { "7", "annotations[0]", "", "not an object" },
    };

    [Theory]
    [MemberData(nameof(Annotations))]
    public void A_faulty_coco_annotation_is_named_or_skipped(string annotation, string record, string field, string problem)
    {
        const string Good = """{"id": 77, "image_id": 1, "category_id": 5, "bbox": [0, 0, 20, 10]}""";
        var file = _folder.Write("set.json", $"{{{Images}, \"annotations\": [{annotation}, {Good}], {Categories}}}");

        var fault = Assert.Throws<DatasetException>(() => CocoReader.Read(file, NoImages));
        Assert.Equal((file, record, field), (fault.File, fault.Record, fault.Field));
        Assert.Contains(problem, fault.Problem);

        var skipping = CocoReader.Read(file, NoImages with { OnInvalid = OnInvalid.Skip });
        Assert.Equal(fault.Message, Assert.Single(skipping.Skipped).Message);
        Assert.Equal(77, Assert.Single(skipping.Images).Objects[^1].Id);
    }

    [Theory]
    [InlineData("""{"images": [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}, {"id": 1, "file_name": "b.png", "width": 20, "height": 10}]""", "images[1] (id 1)", "id")]
    [InlineData("""{"images": [{"id": 1, "file_name": "a.png", "width": 0, "height": 10}]""", "images[0] (id 1)", "width, height")]
    [InlineData("""{"images": [{"id": 1, "file_name": "a.png", "width": 100000, "height": 100000}]""", "images[0] (id 1)", "width, height")]
    [InlineData("""{"images": [{"id": 1, "file_name": "a.png", "height": 10}]""", "images[0] (id 1)", "width")]
    [InlineData("""{"images": [{"id": 1, "file_name": 3, "width": 20, "height": 10}]""", "images[0] (id 1)", "file_name")]
    [InlineData("""{"images": [], "categories": [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]""", "categories[1] (id 1)", "id")]
    [InlineData("""{"images": {}""", "images", "")]
    [InlineData("""{"info": 1""", "", "images")]
    public void A_faulty_coco_image_or_category_is_named(string start, string record, string field)
    {
        var rest = start.Contains("categories") || start.Contains("info") ? "" : ", " + Categories;
        var fault = Assert.Throws<DatasetException>(() => CocoReader.Read(_folder.Write("set.json", start + rest + "}"), NoImages));
        Assert.Equal((record, field), (fault.Record, fault.Field));
    }

    [Theory]
    [InlineData("{\"images\": [{\"id\": 1, \"file_na", "images[0] (id 1)")]
    [InlineData("{" + Categories + ", " + Images + ", \"annotations\": [{\"id\": 8, \"bbox\": [NaN, 1, 2, 3]}]}", "annotations[0] (id 8)")]
    [InlineData("{" + Categories + ", " + Images + ", \"annotations\": [{\"id\": 8, \"x\": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "annotations[0] (id 8)")]
    [InlineData("[1, 2]", "")]
    [InlineData("", "")]
    public void Broken_json_says_where(string text, string record)
    {
        var fault = Assert.Throws<DatasetException>(() => CocoReader.Read(_folder.Write("set.json", text), NoImages));
        Assert.EndsWith("set.json", fault.File);
        Assert.Equal(record, fault.Record);
    }

    [Fact]
    public void An_image_that_is_missing_or_of_another_size_is_a_fault_and_takes_its_objects_along()
    {
        var file = _folder.Write("set.json", $"{{{Images}, \"annotations\": [{{\"id\": 1, \"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2]}}], {Categories}}}");
        var missing = Assert.Throws<DatasetException>(() => CocoReader.Read(file));
        Assert.Equal(("images[0] (id 1)", "file_name"), (missing.Record, missing.Field));
        Assert.Contains(_folder["images"], missing.Problem);

        new RgbImage(20, 11).SavePng(_folder["images", "a.png"]);
        var size = Assert.Throws<DatasetException>(() => CocoReader.Read(file));
        Assert.Contains("20 x 10, but the file", size.Message);
        Assert.Contains("is 20 x 11", size.Message);
        var skipping = CocoReader.Read(file, new() { OnInvalid = OnInvalid.Skip });
        Assert.Empty(skipping.Images);
        Assert.Single(skipping.Skipped);
        Assert.Single(CocoReader.Read(file, new() { CheckImages = false }).Images);
    }

    [Theory]
    [InlineData("<bndbox><xmin>9</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox><name>cat</name>", "bndbox", "inverted")]
    [InlineData("<bndbox><xmin>NaN</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox><name>cat</name>", "bndbox/xmin", "finite")]
    [InlineData("<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax></bndbox><name>cat</name>", "bndbox/ymax", "missing")]
    [InlineData("<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>30</xmax><ymax>4</ymax></bndbox><name>cat</name>", "bndbox", "over the edge")]
    [InlineData("<name>cat</name>", "bndbox", "missing")]
    [InlineData("<bndbox/>", "name", "missing")]
    [InlineData("<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox><name>cow</name>", "name", "not among the categories")]
    public void A_faulty_voc_object_is_named(string content, string field, string problem)
    {
        var file = _folder.Write("Annotations/a.xml", Voc($"\n<object>{content}</object>"));
        var fault = Assert.Throws<DatasetException>(() => VocReader.Read(_folder[""], NoImages with { Categories = ["cat", "dog"] }));
        Assert.Equal((file, "object 1 (line 2)", field), (fault.File, fault.Record, fault.Field));
        Assert.Contains(problem, fault.Problem);
    }

    [Theory]
    [InlineData("<!DOCTYPE annotation [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><annotation><filename>&e;</filename></annotation>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"0123456789\"><!ENTITY c \"&b;&b;&b;&b;\">]><annotation>&c;</annotation>")]
    [InlineData("<annotation><filename>a.png</file")]
    public void Document_types_and_broken_xml_are_refused(string text)
    {
        _folder.Write("a.xml", text);
        Assert.Throws<DatasetException>(() => VocReader.Read(_folder["a.xml"], NoImages));
    }

    [Fact]
    public void Deep_xml_json_and_yaml_are_harmless()
    {
        _folder.Write("a.xml", Voc(string.Concat(Enumerable.Repeat("<a>", 200_000)) + string.Concat(Enumerable.Repeat("</a>", 200_000))));
        Assert.Throws<DatasetException>(() => VocReader.Read(_folder["a.xml"], NoImages));
        Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", "train: a\nx: " + new string('[', 200_000))));
        Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", "train: a\nx: !<http://[> b")));
        Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", "train: \"\\ud800\\u0000\"")));
        Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", "a: &a [1, 1]\nb: &b [*a, *a]\nnames: [x]\ntrain: .")));
        Assert.Throws<DatasetException>(() => VottReader.Read(_folder.Write("v.json", "{\"a\": " + new string('[', 200_000))));
    }

    [Theory]
    [InlineData("2 0.5 0.5 0.1 0.1", "class")]
    [InlineData("0 0.5 0.5 0.1", "")]
    [InlineData("0 0.5 nan 0.1 0.1", "center y")]
    [InlineData("0 0.5 0.5 -0.1 0.1", "box")]
    [InlineData("0 1.9 0.5 0.9 0.1", "box")]
    [InlineData("0 0.1 0.1 0.2 0.2 0.3 9", "outline")]
    public void A_faulty_yolo_line_is_named(string line, string field)
    {
        new RgbImage(20, 10).SavePng(_folder["images", "a.png"]);
        var labels = _folder.Write("labels/a.txt", "1 0.5 0.5 1 1\n" + line);
        var yaml = _folder.Write("data.yaml", "train: images\nnames: {0: cat, 1: dog}");
        var fault = Assert.Throws<DatasetException>(() => YoloReader.Read(yaml));
        Assert.Equal((labels, "line 2", field), (fault.File, fault.Record, fault.Field));
        Assert.Single(Assert.Single(YoloReader.Read(yaml, new() { OnInvalid = OnInvalid.Skip }).Images).Objects);
    }

    [Theory]
    [InlineData("names: [cat]\nnc: 2\ntrain: images", "nc")]
    [InlineData("names: {0: cat, 2: dog}\ntrain: images", "names")]
    [InlineData("names: [cat, cat]\ntrain: images", "names")]
    [InlineData("names: [cat]", "train")]
    [InlineData("train: images", "names")]
    [InlineData("names: [cat]\ntrain: nowhere", "train")]
    public void A_faulty_data_yaml_is_named(string text, string field)
    {
        Directory.CreateDirectory(_folder["images"]);
        Assert.Equal(field, Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", text))).Field);
    }

    [Theory]
    [InlineData("a.png,1,2,x,4,cat", "line 2", "xmax")]
    [InlineData("a.png,1,2,3,4", "line 2", "")]
    [InlineData("b.png,1,2,3,4,cat", "line 2", "image")]
    [InlineData("a.png,1,2,3,4,cat\na.png,5,2,3,4,cat", "line 3", "xmin, ymin, xmax, ymax")]
    public void A_faulty_vott_row_is_named(string rows, string record, string field)
    {
        new RgbImage(20, 10).SavePng(_folder["a.png"]);
        var file = _folder.Write("v.csv", "image,xmin,ymin,xmax,ymax,label\n" + rows);
        var fault = Assert.Throws<DatasetException>(() => VottReader.Read(file));
        Assert.Equal((file, record, field), (fault.File, fault.Record, fault.Field));
    }

    private static string Voc(string objects) => $"<annotation><filename>a.png</filename><size><width>20</width><height>10</height></size>{objects}</annotation>";
}
