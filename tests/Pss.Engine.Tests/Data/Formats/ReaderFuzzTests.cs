using System.Text;
using CsCheck;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Engine.Tests.Data.Formats;

/// <summary>Damaged and generated annotation files.</summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private static readonly Gen<ReadOptions> Options =
        Gen.Select(Gen.Enum<OnInvalid>(), Gen.Bool, (invalid, check) => new ReadOptions { OnInvalid = invalid, CheckImages = check });

    private readonly TemporaryFolder _folder = new();

    /// <summary>The file of each format that is damaged, and the one that is read.</summary>
    public static TheoryData<string, string> Formats => new()
    {
        { "set.json", "set.json" },
        { "results.json", "results.json" },
        { "voc/Annotations/a.xml", "voc" },
        { "yolo/labels/train/a.txt", "yolo/data.yaml" },
        { "yolo/data.yaml", "yolo/data.yaml" },
        { "yolo/train.txt", "yolo/data.yaml" },
        { "vott-export.json", "vott-export.json" },
        { "vott.csv", "vott.csv" },
    };

    /// <summary>A file of each format, and what documents of it are generated from.</summary>
    public static TheoryData<string, string, string[]> Vocabularies => new()
    {
        { "voc/Annotations/a.xml", "voc", ["<annotation>", "</annotation>", "<size>", "</size>", "<width>40</width>", "<height>30</height>", "<filename>a.png</filename>", "<object>", "</object>",
            "<name>cat</name>", "<bndbox>", "</bndbox>", "<xmin>1</xmin>", "<ymin>2</ymin>", "<xmax>9</xmax>", "<ymax>8</ymax>", "<!--", "-->", "<![CDATA[", "]]>"] },
        { "yolo/labels/train/a.txt", "yolo/data.yaml", ["0 ", "1 ", "0.5 ", "0.25 ", "\n", "\r\n", "1e-3 ", "2 "] },
        { "yolo/data.yaml", "yolo/data.yaml", ["train: ", "val: ", "names: ", "path: ", "nc: ", "images/train", "train.txt", "[cat, dog]", "\n", "  ", "0: ", "cat", "{", "}", ".", "'", "# "] },
        { "vott.csv", "vott.csv", ["\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\n", "\"a.png\",", "1,2,20,12,", "\"cat\"", "\n", "1,", "\"\"", "b.png"] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_damaged_file_is_read_or_refused_by_name(string damaged, string read)
    {
        WriteAll();
        // The file as it is must be read, or the damage would prove nothing.
        Read(read, new());
        Fuzz.Check(Gen.Select(Fuzz.Mutated(File.ReadAllBytes(_folder[damaged])), Options), sample => Write(damaged, read, sample.Item1, sample.Item2), IsDocumented);
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void A_generated_text_is_read_or_refused_by_name(string file, string read, string[] words)
    {
        WriteAll();
        Fuzz.Check(Gen.Select(Fuzz.Words(words), Options), sample => Write(file, read, sample.Item1, sample.Item2), IsDocumented);
    }

    [Theory]
    [InlineData("set.json", "images", "annotations", "categories", "id", "image_id", "category_id", "bbox", "area", "segmentation", "iscrowd", "counts", "size", "file_name", "width", "height", "name")]
    [InlineData("results.json", "image_id", "category_id", "bbox", "score", "segmentation", "counts", "size")]
    [InlineData("vott-export.json", "assets", "asset", "regions", "tags", "name", "size", "width", "height", "type", "boundingBox", "points", "x", "y", "left", "top")]
    public void A_generated_document_is_read_or_refused_by_name(string file, params string[] keys)
    {
        WriteAll();
        var documents = Fuzz.Json(keys).Select(Encoding.UTF8.GetBytes);
        Fuzz.Check(Gen.Select(documents, Options), sample => Write(file, file, sample.Item1, sample.Item2), IsDocumented);
    }

    // A data.yaml may name a list of images anywhere: the file at fault need not lie in the folder.
    private static bool IsDocumented(Exception fault) =>
        fault is DatasetException { File: var file } && Path.IsPathRooted(file) && fault.Message.StartsWith(file, StringComparison.Ordinal);

    private void Write(string file, string read, byte[] bytes, ReadOptions options)
    {
        _folder.Write(file, bytes);
        Read(read, options);
    }

    private void Read(string path, ReadOptions options)
    {
        switch (path)
        {
            case "results.json":
                CocoResults.Read(_folder[path]);
                break;
            case "set.json":
                CocoReader.Read(_folder[path], options);
                break;
            case "voc":
                VocReader.Read(_folder[path], options);
                break;
            case "yolo/data.yaml":
                YoloReader.Read(_folder[path], options);
                break;
            default:
                VottReader.Read(_folder[path], options);
                break;
        }
    }

    private void WriteAll()
    {
        var image = new RgbImage(40, 30);
        image.SavePng(_folder["images", "a.png"]);
        image.SavePng(_folder["images", "b.png"]);
        ObjectAnnotation[] objects =
        [
            new() { Id = 1, Label = 0, Box = new(1, 2, 10, 12), Mask = new PolygonSegmentation([[1, 2, 11, 2, 11, 14]]) },
            new() { Id = 2, Label = 1, Box = new(5, 5, 10.5, 20), IsCrowd = true, Mask = new RleSegmentation(30, 40, [35, 3, 27, 3, 1132]) },
            new() { Id = 3, Label = 1, Box = new(0, 0, 40, 30) },
        ];
        var data = new DetectionDataset
        {
            Categories = [new(1, "cat"), new(7, "dog")],
            Images = [Record(1, "a.png", objects[..2]), Record(2, "b.png", objects[2])],
        };
        CocoWriter.WriteAnnotations(_folder["set.json"], data);
        VocWriter.Write(_folder["voc"], data, copyImages: true);
        YoloWriter.Write(_folder["yolo"], data, copyImages: true);
        CocoResults.Write(_folder["results.json"], [new(1, 7, new(1, 2, 3, 4.5), 0.25, new RleSegmentation(30, 40, [35, 3, 1162])), new(2, 1, new(0, 0, 9, 9), 1)]);
        _folder.Write("vott-export.json", """
            {"tags": [{"name": "cat"}, {"name": "dog"}], "assets": {"k": {"asset": {"name": "a.png", "size": {"width": 40, "height": 30}}, "regions": [
             {"type": "RECTANGLE", "tags": ["cat"], "boundingBox": {"height": 10, "width": 20, "left": 1, "top": 2}},
             {"type": "POLYGON", "tags": ["dog"], "points": [{"x": 1, "y": 2}, {"x": 20, "y": 2}, {"x": 9, "y": 9}]}]}}}
            """);
        _folder.Write("vott.csv", "\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\n\"a.png\",1,2,20,12,\"cat\"\n\"b.png\",3,4,9.5,9,\"dog\"\n");
    }

    private ImageRecord Record(long id, string name, params ObjectAnnotation[] objects) =>
        new() { Id = id, FileName = name, Width = 40, Height = 30, Objects = objects, Path = _folder["images", name] };
}
