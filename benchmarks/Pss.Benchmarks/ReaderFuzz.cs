using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pss.Engine;
using Pss.Engine.Data;
using Pss.Engine.Data.Formats;
using Pss.Engine.Data.Images;

namespace Pss.Benchmarks;

/// <summary>Feeds mutated annotation files and images to the readers: they may only read them or throw what they document, in under five seconds and
/// a gigabyte.</summary>
public static class ReaderFuzz
{
    private const double MaxSeconds = 5;
    private const long MaxBytes = 1L << 30;

    /// <summary>A progressive JPEG of 24 x 17 pixels.</summary>
    public const string Progressive = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/"
        + "2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wgARCAARABgDASIAAhEBAxEB/8QA"
        + "FwABAQEBAAAAAAAAAAAAAAAAAAMEBf/EABcBAAMBAAAAAAAAAAAAAAAAAAIDBAX/2gAMAwEAAhADEAAAAeVfZcF43TFfO4jD0Ar/AP/EABYQAQEBAAAAAAAA"
        + "AAAAAAAAAAABAv/aAAgBAQABBQKYTCYTCYTCIj//xAAYEQADAQEAAAAAAAAAAAAAAAAAAgMhMf/aAAgBAwEBPwGdxb4TF4f/xAAYEQACAwAAAAAAAAAAAAAA"
        + "AAAAAQIQEv/aAAgBAgEBPwFSNCr/xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAY/Ah//xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAE/IR//AP8A"
        + "/9oADAMBAAIAAwAAABDH7wL/xAAXEQADAQAAAAAAAAAAAAAAAAAAEFFh/9oACAEDAQE/ENihz//EABYRAQEBAAAAAAAAAAAAAAAAAAABEP/aAAgBAgEBPxAz"
        + "KP/EABYQAQEBAAAAAAAAAAAAAAAAAGEAIP/aAAgBAQABPxAIIIIIMD//2Q==";

    /// <summary>The same picture as a baseline JPEG.</summary>
    public const string Baseline = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//"
        + "2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAARABgDASIAAhEBAxEB/8QA"
        + "HwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkK"
        + "FhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXG"
        + "x8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC"
        + "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOE"
        + "hYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDjINO6fLWl"
        + "Bp3T5a3INO6fLWlBp3T5awjWObB5j5mFBp3T5aK66DTuny0Vsqx9JSzH3dytB2rSg7UUV5sT87wZowdqKKK2R9JS+E//2Q==";

    private static readonly string[] HostileTexts =
    [
        "NaN", "-Infinity", "1e999", "-1", "0", "99999999999999999999", "2147483648", "1e-320", "null", "true", "\"\"", "\"x\"", "[]", "{}", "\0", "\ud800", "\\ud800",
        "\\u0000", "../../etc/passwd", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>", "&b;", "&#0;", "<a>", "</object>", "*alias", "&anchor ", "!!tag ", ",", ":", "\n",
        "\"", "\t", "- ", "? ", "|", new('[', 5000), new('{', 300), "{\"a\":" + new string('[', 40), string.Concat(Enumerable.Repeat("<a>", 3000)), new('9', 400),
    ];

    /// <summary>Runs 5,000 mutations of each format, or as many as the first argument says, and fails if one did what it must not.</summary>
    public static void Run(string[] args)
    {
        var failures = Run(args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5000);
        if (failures.Count > 0)
            throw new InvalidOperationException(string.Join('\n', failures));
    }

    /// <summary>Runs <paramref name="count"/> mutations of each format, prints a line for each and lists what must not happen.</summary>
    public static IReadOnlyList<string> Run(int count)
    {
        var failures = new List<string>();
        var folder = Directory.CreateTempSubdirectory("pss-fuzz-").FullName;
        try
        {
            foreach (var (name, file, read) in Formats(folder))
                RunFormat(name, file, read, count, failures);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return failures;
    }

    private static void RunFormat(string name, string file, Action<ReadOptions> read, int count, List<string> failures)
    {
        var original = File.ReadAllBytes(file);
        // The unchanged file must be read, or the mutations would prove nothing.
        read(new());
        int passed = 0, refused = 0;
        double slowest = 0;
        long most = 0;
        for (var i = 0; i < count; i++)
        {
            var random = SeededRandom.For(17, name.Length, i);
            File.WriteAllBytes(file, Mutate(original, random));
            var clock = Stopwatch.StartNew();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(new() { OnInvalid = i % 2 == 0 ? OnInvalid.Throw : OnInvalid.Skip, Images = (ImageCheck)(i % 3) });
                passed++;
            }
            catch (DatasetException)
            {
                refused++;
            }
            catch (Exception fault)
            {
                failures.Add($"{name} {i}: {fault}");
            }
            var (seconds, bytes) = (clock.Elapsed.TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before);
            if (seconds > MaxSeconds || bytes > MaxBytes)
                failures.Add($"{name} {i}: took {seconds:f1} s and {bytes >> 20} MB");
            (slowest, most) = (Math.Max(slowest, seconds), Math.Max(most, bytes));
        }
        File.WriteAllBytes(file, original);
        Console.WriteLine($"{name,-10} {passed} read, {refused} refused, slowest {slowest * 1000:f0} ms, most {most / 1024} KB");
    }

    private static IEnumerable<(string Name, string File, Action<ReadOptions> Read)> Formats(string folder)
    {
        string At(params string[] parts) => Path.Combine([folder, .. parts]);
        var image = new RgbImage(40, 30);
        image.SavePng(At("images", "a.png"));
        image.SavePng(At("images", "b.png"));
        File.WriteAllBytes(At("images", "c.jpg"), Convert.FromBase64String(Baseline));
        File.WriteAllBytes(At("images", "d.jpg"), Convert.FromBase64String(Progressive));
        ObjectAnnotation[] objects =
        [
            new() { Id = 1, Label = 0, Box = new(1, 2, 10, 12), Mask = new PolygonSegmentation([[1, 2, 11, 2, 11, 14]]) },
            new() { Id = 2, Label = 1, Box = new(5, 5, 10.5, 20), IsCrowd = true, Mask = new RleSegmentation(30, 40, [35, 3, 27, 3, 1132]) },
            new() { Id = 3, Label = 1, Box = new(0, 0, 40, 30) },
        ];
        ImageRecord Record(long id, string name, params ObjectAnnotation[] items) =>
            new() { Id = id, FileName = name, Width = 40, Height = 30, Objects = items, Path = At("images", name) };
        var data = new DetectionDataset
        {
            Categories = [new(1, "cat"), new(7, "dog")],
            Images = [Record(1, "a.png", objects[..2]), Record(2, "b.png", objects[2])],
        };
        CocoWriter.WriteAnnotations(At("set.json"), data);
        VocWriter.Write(At("voc"), data, copyImages: true);
        YoloWriter.Write(At("yolo"), data, copyImages: true);
        File.WriteAllText(At("vott.json"), """
            {"tags": [{"name": "cat"}, {"name": "dog"}], "assets": {"k": {"asset": {"name": "a.png", "size": {"width": 40, "height": 30}}, "regions": [
             {"type": "RECTANGLE", "tags": ["cat"], "boundingBox": {"height": 10, "width": 20, "left": 1, "top": 2}},
             {"type": "POLYGON", "tags": ["dog"], "points": [{"x": 1, "y": 2}, {"x": 20, "y": 2}, {"x": 9, "y": 9}]}]}}}
            """);
        File.WriteAllText(At("vott.csv"), "\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\n\"a.png\",1,2,20,12,\"cat\"\n\"b.png\",3,4,9.5,9,\"dog\"\n");
        yield return ("coco", At("set.json"), options => DetectionDataset.Load(At("set.json"), options));
        CocoResults.Write(At("results.json"), [new(1, 7, new(1, 2, 3, 4.5), 0.25, new RleSegmentation(30, 40, [35, 3, 1162])), new(2, 1, new(0, 0, 9, 9), 1)]);
        yield return ("results", At("results.json"), _ => CocoResults.Read(At("results.json")));
        yield return ("voc", At("voc", "Annotations", "a.xml"), options => DetectionDataset.Load(At("voc"), options));
        yield return ("yolo", At("yolo", "labels", "train", "a.txt"), options => DetectionDataset.Load(At("yolo"), options));
        yield return ("yolo yaml", At("yolo", "data.yaml"), options => YoloReader.Read(At("yolo", "data.yaml"), options));
        yield return ("yolo list", At("yolo", "train.txt"), options => YoloReader.Read(At("yolo", "data.yaml"), options));
        yield return ("vott json", At("vott.json"), options => VottReader.Read(At("vott.json"), options));
        yield return ("vott csv", At("vott.csv"), options => VottReader.Read(At("vott.csv"), options));
        foreach (var name in new[] { "a.png", "c.jpg", "d.jpg" })
            yield return (name, At("images", name), _ => Decode(At("images", name)));
    }

    /// <summary>Images document <see cref="InvalidDataException"/>.</summary>
    private static void Decode(string path)
    {
        try
        {
            RgbImage.Load(path);
        }
        catch (InvalidDataException fault)
        {
            throw new DatasetException(path, "", "", fault.Message);
        }
    }

    private static byte[] Mutate(byte[] original, SeededRandom random)
    {
        var bytes = original.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Hostile(random));
                    break;
                default:
                    ReplaceNumber(bytes, at, random);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Puts something hostile in place of the next number or word.</summary>
    private static void ReplaceNumber(List<byte> bytes, int at, SeededRandom random)
    {
        bool Part(int i) => i < bytes.Count && (char.IsAsciiLetterOrDigit((char)bytes[i]) || bytes[i] is (byte)'.' or (byte)'-');
        while (at < bytes.Count && !Part(at))
            at++;
        while (at > 0 && Part(at - 1))
            at--;
        var end = at;
        while (Part(end))
            end++;
        bytes.RemoveRange(at, end - at);
        bytes.InsertRange(at, Hostile(random));
    }

    private static byte[] Hostile(SeededRandom random) => Encoding.UTF8.GetBytes(HostileTexts[random.Next(HostileTexts.Length)]);
}
