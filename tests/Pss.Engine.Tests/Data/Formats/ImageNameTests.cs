using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

/// <summary>Names of images as labeling tools write them on other computers.</summary>
public sealed class ImageNameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("000%20(HD)%20(3).jpg", "images/000 (HD) (3).jpg")]
    [InlineData("images\\\\1/000.png", "images/000.png")]
    [InlineData("C:\\\\Users\\\\me\\\\set\\\\images\\\\000.png", "images/000.png")]
    [InlineData("/data/upload/3/1a2b3c4d-photo.png", "images/photo.png")]
    [InlineData("/data/local-files/?d=shots/000.png", "shots/000.png")]
    [InlineData("s3://bucket/a/b/000.png", "images/deep/er/000.png")]
    [InlineData("default/000.png", "images/default/000.png")]
    public void An_image_is_found_by_another_spelling_of_its_name_with_a_note(string name, string file)
    {
        Draw(file);
        var data = CocoReader.Read(Coco(name));
        Assert.Equal(_folder[file.Split('/')], Path.GetFullPath(data.Images[0].Path!));
        Assert.Equal("file_name", Assert.IsType<DatasetException>(data.Notes.SingleOrDefault() ?? new("", "", "file_name", "")).Field);
    }

    [Fact]
    public void FiftyOne_keeps_its_images_in_data()
    {
        Draw("data/000.png");
        var data = CocoReader.Read(Coco("000.png", "labels.json"));
        Assert.Equal(_folder["data", "000.png"], data.Images[0].Path);
        Assert.Empty(data.Notes);
    }

    [Fact]
    public void A_bare_name_that_two_files_have_finds_neither()
    {
        Draw("images/a/000.png");
        Draw("images/b/000.png");
        Assert.Contains("was not found", Assert.Throws<DatasetException>(() => CocoReader.Read(Coco("c/000.png"))).Problem);
    }

    [Fact]
    public void The_nearest_folder_that_has_a_bare_name_decides()
    {
        Draw("one/images/000.png");
        Draw("two/images/000.png");
        var data = CocoReader.Read(Coco("C:\\\\sets\\\\000.png", "two/set.json"));
        Assert.Equal(_folder["two", "images", "000.png"], data.Images[0].Path);
    }

    [Fact]
    public void A_size_that_is_missing_is_taken_from_the_file()
    {
        Draw("images/000.png");
        var data = CocoReader.Read(_folder.Write("set.json", "{\"images\": [{\"id\": 1, \"file_name\": \"000.png\"}], \"annotations\": [], \"categories\": [{\"id\": 1, \"name\": \"a\"}]}"));
        Assert.Equal((20, 10), (data.Images[0].Width, data.Images[0].Height));
    }

    [Fact]
    public void In_VOC_the_file_s_own_name_counts_more_than_the_name_inside()
    {
        foreach (var name in (string[])["000", "001"])
            Draw($"JPEGImages/{name}.png");
        // 000 and 001 name each other; 002 names an image of other extension; 003 keeps its own in a folder, as CVAT writes it.
        _folder.Write("Annotations/000.xml", Voc("001.png", 1));
        _folder.Write("Annotations/001.xml", Voc("000.png", 2));
        var data = VocReader.Read(_folder[""]);
        Assert.Equal([("000.png", 1d), ("001.png", 2d)], data.Images.Select(image => (image.FileName, image.Objects[0].Box.X)));
        Assert.Equal(2, data.Notes.Count(note => note.Field == "filename"));
    }

    [Theory]
    [InlineData("sub/000.png", "JPEGImages/sub/000.png", "Annotations/sub/000.xml")]
    [InlineData("000", "JPEGImages/000.png", "Annotations/000.xml")]
    [InlineData("D:\\old\\000.png", "JPEGImages/000.png", "Annotations/000.xml")]
    public void Names_inside_VOC_files_come_in_several_forms(string stated, string image, string annotation)
    {
        Draw(image);
        _folder.Write(annotation, Voc(stated, 1));
        Assert.Equal(_folder[image.Split('/')], VocReader.Read(_folder[""]).Images.Single().Path);
    }

    [Theory]
    [InlineData("football-1/images/train")]
    [InlineData("../images/train")]
    [InlineData("/content/datasets/football/images/train")]
    [InlineData("images\\\\train")]
    public void A_folder_of_another_computer_is_found_by_the_end_of_its_path(string entry)
    {
        Draw("images/train/000.png");
        _folder.Write("labels/train/000.txt", "0 0.5 0.5 0.1 0.1");
        var data = YoloReader.Read(_folder.Write("data.yaml", $"train: \"{entry}\"\nnames: [a]"));
        Assert.Single(data.Images[0].Objects);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../../../../etc/hostname")]
    public void No_other_file_is_read_as_a_list_of_images(string entry)
    {
        var fault = Assert.Throws<DatasetException>(() => YoloReader.Read(_folder.Write("data.yaml", $"train: {entry}\nnames: [a]")));
        Assert.Contains("neither a folder of images nor a .txt list", fault.Problem);
    }

    [Fact]
    public void Files_in_an_image_folder_that_are_no_images_are_counted()
    {
        Draw("images/000.png");
        _folder.Write("images/001.heic", "x");
        _folder.Write("images/002.tiff", "x");
        _folder.Write("labels/000.txt", "0 0.5 0.5 0.1 0.1");
        var data = YoloReader.Read(_folder.Write("data.yaml", "train: images\nnames: [a]"));
        Assert.Contains(data.Account(), line => line.Contains("'.heic' are passed over", StringComparison.Ordinal));
        Assert.Contains(data.Account(), line => line.Contains("'.tiff' are passed over", StringComparison.Ordinal));
    }

    private void Draw(string file)
    {
        var path = _folder[file.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        new RgbImage(20, 10).SavePng(path);
    }

    private string Coco(string name, string file = "set.json") => _folder.Write(
        file, $"{{\"images\": [{{\"id\": 1, \"file_name\": \"{name}\", \"width\": 20, \"height\": 10}}], \"annotations\": [], \"categories\": [{{\"id\": 1, \"name\": \"a\"}}]}}");

    private static string Voc(string name, int x) => $"<annotation><filename>{name}</filename><size><width>20</width><height>10</height></size>"
        + $"<object><name>a</name><occluded>0</occluded><bndbox><xmin>{x}</xmin><ymin>1</ymin><xmax>9</xmax><ymax>8</ymax></bndbox><attributes/></object></annotation>";
}
