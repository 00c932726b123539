using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

/// <summary>What does not change a box is mended and noted at every level; boxes over the edge are cut off where repairs are allowed.</summary>
public sealed class RepairTests : IDisposable
{
    private const string Images = "\"images\": [{\"id\": 1, \"file_name\": \"a.png\", \"width\": 20, \"height\": 10}]";
    private const string Categories = "\"categories\": [{\"id\": 5, \"name\": \"cat\"}]";
    private const string Start = "{\"id\": 4, \"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2]";
    private static readonly ReadOptions NoImages = new() { CheckImages = false };
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"segmentation\": [[1, 2, 3, 4]]", "segmentation", "dropped")]
    [InlineData("\"segmentation\": [[]]", "segmentation", "dropped")]
    [InlineData("\"segmentation\": [1, 2, 3, 4, 5, 6]", "segmentation", "dropped")]
    [InlineData("\"segmentation\": \"none\"", "segmentation", "dropped")]
    [InlineData("\"segmentation\": [[1, 2, 3, 4, 5, 1e9]]", "segmentation", "dropped")]
    [InlineData("\"segmentation\": {\"size\": [10, 20], \"counts\": [100, 99]}", "segmentation", "dropped")]
    [InlineData("\"segmentation\": {\"size\": [20, 10], \"counts\": [200]}", "segmentation", "dropped")]
    [InlineData("\"segmentation\": {\"size\": [10, 20], \"counts\": \"ooooooooo0\"}", "segmentation", "dropped")]
    [InlineData("\"area\": null", "area", "of the boxes")]
    [InlineData("\"area\": -1", "area", "of the boxes")]
    [InlineData("\"area\": \"large\"", "area", "of the boxes")]
    [InlineData("\"iscrowd\": null", "iscrowd", "counts as 0")]
    public void A_field_that_a_box_does_not_need_costs_no_object(string field, string name, string what)
    {
        var data = Coco($"{Start}, {field}}}");
        var item = Assert.Single(data.Images[0].Objects);
        Assert.Equal((new BoundingBox(1, 1, 2, 2), 4, false, null), (item.Box, item.Area, item.IsCrowd, item.Mask));
        var note = Assert.Single(data.Notes);
        Assert.Equal(("annotations[0] (id 4)", name), (note.Record, note.Field));
        Assert.Contains(what, note.Problem);
        Assert.Empty(data.Skipped);
    }

    [Fact]
    public void An_area_of_zero_is_kept_and_decides_about_nothing_but_the_size()
    {
        var data = Coco(Start + ", \"area\": 0}");
        Assert.Equal(0, Assert.Single(data.Images[0].Objects).Area);
        Assert.Empty(data.Notes);
    }

    [Theory]
    [InlineData("{\"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2]}", "missing")]
    [InlineData("{\"id\": \"abc\", \"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2]}", "missing")]
    [InlineData("{\"id\": 77, \"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2]}", "twice")]
    public void Ids_that_are_missing_or_repeated_are_given_anew(string annotation, string what)
    {
        var data = Coco("{\"id\": 77, \"image_id\": 1, \"category_id\": 5, \"bbox\": [0, 0, 20, 10]}", annotation);
        Assert.Equal([77, 78], data.Images[0].Objects.Select(item => item.Id));
        Assert.Contains(what, Assert.Single(data.Notes).Problem);
    }

    [Fact]
    public void Numbers_in_quotes_are_read()
    {
        var data = Coco("{\"id\": \"4\", \"image_id\": \"1\", \"category_id\": 5.0, \"bbox\": [\"1.5\", 1, \"2e0\", 2]}");
        Assert.Equal((4L, new BoundingBox(1.5, 1, 2, 2)), (data.Images[0].Objects[0].Id, data.Images[0].Objects[0].Box));
    }

    [Fact]
    public void A_box_that_is_missing_is_the_one_around_the_polygons()
    {
        var data = Coco("{\"id\": 4, \"image_id\": 1, \"category_id\": 5, \"bbox\": [], \"segmentation\": [[1, 2, 9, 2, 9, 8], [3, 1, 4, 1, 4, 2]]}");
        Assert.Equal(BoundingBox.FromCorners(1, 1, 9, 8), data.Images[0].Objects[0].Box);
        Assert.Equal("bbox", Assert.Single(data.Notes).Field);
    }

    [Theory]
    [InlineData("[5, 1, 0, 2]")]
    [InlineData("[5, 1, 3, 0]")]
    public void Flat_boxes_as_in_COCO_2017_are_left_out_with_a_note(string box)
    {
        var data = Coco(Start + "}", $"{{\"id\": 5, \"image_id\": 1, \"category_id\": 5, \"bbox\": {box}}}");
        Assert.Equal(4, Assert.Single(data.Images[0].Objects).Id);
        Assert.Equal("boxes without area are left out", Assert.Single(data.Notes).Problem);
    }

    [Theory]
    [InlineData(-2, 1, 5, 3, 0, 1, 3, 3)]
    [InlineData(15, 6, 10, 30, 15, 6, 5, 4)]
    public void A_box_over_the_edge_is_refused_or_cut_off(double x, double y, double width, double height, double cutX, double cutY, double cutWidth, double cutHeight)
    {
        var annotation = FormattableString.Invariant($"{{\"id\": 4, \"image_id\": 1, \"category_id\": 5, \"bbox\": [{x}, {y}, {width}, {height}]}}");
        var fault = Assert.Throws<DatasetException>(() => Coco(annotation));
        Assert.Contains("over the edge", fault.Problem);
        Assert.Contains("Repair", fault.Problem);
        foreach (var level in (OnInvalid[])[OnInvalid.Repair, OnInvalid.Skip])
        {
            var data = Coco(level, annotation);
            Assert.Equal(new BoundingBox(cutX, cutY, cutWidth, cutHeight), Assert.Single(data.Images[0].Objects).Box);
            Assert.Contains("cut off", Assert.Single(data.Notes).Problem);
        }
    }

    [Theory]
    [InlineData("0 -0.02 0.5 0.2 0.4", 0, 3, 1.6, 4)]
    [InlineData("0 0.9 0.5 0.5 0.1", 13, 4.5, 7, 1)]
    public void A_yolo_box_over_the_edge_is_cut_off_too(string line, double x, double y, double width, double height)
    {
        new RgbImage(20, 10).SavePng(_folder["images", "a.png"]);
        _folder.Write("labels/a.txt", line);
        var yaml = _folder.Write("data.yaml", "train: images\nnames: [cat]");
        Assert.Throws<DatasetException>(() => DetectionDataset.Load(yaml));
        var box = DetectionDataset.Load(yaml, new() { OnInvalid = OnInvalid.Repair }).Images[0].Objects[0].Box;
        Assert.Equal([x, y, width, height], new[] { box.X, box.Y, box.Width, box.Height }.Select(value => Math.Round(value, 6)));
    }

    [Fact]
    public void What_cannot_be_repaired_is_refused_unless_it_may_be_skipped()
    {
        const string Inverted = "{\"id\": 4, \"image_id\": 1, \"category_id\": 5, \"bbox\": [5, 1, -2, 2]}";
        Assert.Throws<DatasetException>(() => Coco(OnInvalid.Repair, Inverted));
        Assert.Single(Coco(OnInvalid.Skip, Inverted).Skipped);
    }

    [Fact]
    public void A_category_that_repeats_a_name_is_a_fault_only_if_an_object_has_it()
    {
        const string Twice = "\"categories\": [{\"id\": 5, \"name\": \"cat\"}, {\"id\": 6, \"name\": \"cat\"}]";
        var unused = CocoReader.Read(_folder.Write("a.json", $"{{{Images}, {Twice}, \"annotations\": [{Start}}}]}}"), NoImages);
        Assert.Equal([new Category(5, "cat")], unused.Categories);
        Assert.Equal("categories[1] (id 6)", Assert.Single(unused.Notes).Record);
        var fault = Assert.Throws<DatasetException>(() => CocoReader.Read(
            _folder.Write("b.json", $"{{{Images}, {Twice}, \"annotations\": [{Start.Replace("\"category_id\": 5", "\"category_id\": 6", StringComparison.Ordinal)}}}]}}"), NoImages));
        Assert.Contains("'cat' is used twice", fault.Problem);
    }

    [Theory]
    [InlineData("[{\"id\": 0, \"name\": \"cells\", \"supercategory\": \"none\"}, {\"id\": 1, \"name\": \"red\", \"supercategory\": \"cells\"}]", 1, "red")]
    [InlineData("[{\"id\": 0, \"name\": \"cells\", \"supercategory\": \"none\"}, {\"id\": 1, \"name\": \"red\", \"supercategory\": \"cells\"}]", 0, "cells, red")]
    [InlineData("[{\"id\": 0, \"name\": \"blue\"}, {\"id\": 1, \"name\": \"red\"}]", 1, "blue, red")]
    public void Roboflows_parent_category_is_no_class_unless_an_object_has_it(string categories, int used, string classes)
    {
        var data = CocoReader.Read(_folder.Write("a.json", $"{{{Images}, \"categories\": {categories}, \"annotations\": [{Start.Replace("\"category_id\": 5", $"\"category_id\": {used}", StringComparison.Ordinal)}}}]}}"), NoImages);
        Assert.Equal(classes, string.Join(", ", data.Categories.Select(category => category.Name)));
        Assert.Equal(used, data.Categories[data.Images[0].Objects[0].Label].Id);
    }

    [Fact]
    public void Notes_are_counted_by_reason()
    {
        var data = Coco([.. Enumerable.Range(1, 250).Select(id => $"{{\"id\": {id}, \"image_id\": 1, \"category_id\": 5, \"bbox\": [1, 1, 2, 2], \"area\": null}}")]);
        Assert.Equal(100, data.Notes.Count);
        Assert.Equal("area: areas that are no number from 0 up are those of the boxes: 250 times (annotations[0] (id 1), annotations[1] (id 2), annotations[2] (id 3), ...)", Assert.Single(data.Account()));
    }

    private DetectionDataset Coco(params string[] annotations) => Coco(OnInvalid.Throw, annotations);

    private DetectionDataset Coco(OnInvalid level, params string[] annotations)
        => CocoReader.Read(_folder.Write("set.json", $"{{{Images}, \"annotations\": [{string.Join(", ", annotations)}], {Categories}}}"), NoImages with { OnInvalid = level });
}
