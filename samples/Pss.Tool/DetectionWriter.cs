using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pss.Engine.Data;

namespace Pss.Tool;

/// <summary>Writes detections image by image, to standard output or to a file that appears when it is complete.</summary>
internal abstract class DetectionWriter : IDisposable
{
    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly string? _path;
    private bool _isComplete;

    private DetectionWriter(string? path, IReadOnlyList<string> classes)
    {
        (_path, Classes) = (path, classes);
        if (path is not null)
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Out = path is null ? Console.Out : new StreamWriter(Temporary);
    }

    private string Temporary => _path + ".part";

    protected IReadOnlyList<string> Classes { get; }

    protected TextWriter Out { get; }

    /// <summary>Creates a writer.</summary>
    /// <param name="format">table, csv, tsv, json or coco.</param>
    /// <param name="path">The file; null writes to standard output.</param>
    /// <param name="classes">The class names by label.</param>
    public static DetectionWriter Create(string format, string? path, IReadOnlyList<string> classes) => format switch
    {
        "json" => new JsonList(path, classes),
        "coco" => new CocoList(path, classes),
        "csv" => new Lines(path, classes, ","),
        "tsv" => new Lines(path, classes, "\t"),
        _ => new Columns(path, classes),
    };

    public abstract void Write(ScoredImage image);

    /// <summary>Ends the results; without it a file is not written.</summary>
    public void Complete()
    {
        End();
        Out.Flush();
        _isComplete = true;
    }

    public void Dispose()
    {
        if (_path is null)
            return;
        Out.Dispose();
        if (_isComplete)
            File.Move(Temporary, _path, overwrite: true);
        else
            File.Delete(Temporary);
    }

    protected virtual void End()
    {
    }

    /// <summary>A mask as COCO writes it: the size and the compressed run lengths; null without one.</summary>
    private static object? Runs(Detection found, ScoredImage image) => found.Mask is null ? null
        : new { size = new[] { image.Height, image.Width }, counts = found.Mask.ToCompressed(image.Height, image.Width) };

    private static string Text(float value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Numbers(Detection d) => [Text(d.Score, "F4"), Text(d.X1, "F2"), Text(d.Y1, "F2"), Text(d.X2, "F2"), Text(d.Y2, "F2")];

    private sealed class Lines : DetectionWriter
    {
        private readonly string _separator;

        public Lines(string? path, IReadOnlyList<string> classes, string separator)
            : base(path, classes)
        {
            _separator = separator;
            Out.WriteLine(string.Join(separator, "file", "class", "score", "x1", "y1", "x2", "y2"));
        }

        public override void Write(ScoredImage image)
        {
            foreach (var d in image.Found)
                Out.WriteLine(string.Join(_separator, Numbers(d).Prepend(Cell(Classes[d.Label])).Prepend(Cell(image.File))));
        }

        private string Cell(string text) => text.Contains(_separator, StringComparison.Ordinal) || text.Contains('"') || text.Contains('\n')
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private sealed class Columns(string? path, IReadOnlyList<string> classes) : DetectionWriter(path, classes)
    {
        public override void Write(ScoredImage image)
        {
            Out.WriteLine($"{image.File}: {(image.Found.Count == 0 ? "nothing" : Messages.Count(image.Found.Count, "object"))}");
            var width = Classes.Max(name => name.Length);
            foreach (var d in image.Found)
                Out.WriteLine($"  {Classes[d.Label].PadRight(width)}  {Text(d.Score, "F3")}  ({Text(d.X1, "F1")}, {Text(d.Y1, "F1")}) to ({Text(d.X2, "F1")}, {Text(d.Y2, "F1")})");
        }
    }

    private sealed class JsonList(string? path, IReadOnlyList<string> classes) : DetectionWriter(path, classes)
    {
        private bool _hasImages;

        public override void Write(ScoredImage image)
        {
            Out.Write(_hasImages ? ",\n" : "[\n");
            _hasImages = true;
            Out.Write(JsonSerializer.Serialize(new
            {
                file = image.File,
                detections = image.Found.Select(d => new { label = Classes[d.Label], score = d.Score, box = new[] { d.X1, d.Y1, d.X2, d.Y2 }, mask = Runs(d, image) }),
            }, WithoutNulls));
        }

        protected override void End() => Out.WriteLine(_hasImages ? "\n]" : "[]");
    }

    /// <summary>COCO's results: image_id counts the images from 1, category_id the classes from 1, both in their order.</summary>
    private sealed class CocoList(string? path, IReadOnlyList<string> classes) : DetectionWriter(path, classes)
    {
        private int _image;
        private bool _hasResults;

        public override void Write(ScoredImage image)
        {
            _image++;
            foreach (var d in image.Found)
            {
                Out.Write(_hasResults ? ",\n" : "[\n");
                _hasResults = true;
                Out.Write(JsonSerializer.Serialize(new
                {
                    image_id = _image,
                    file_name = image.File,
                    category_id = d.Label + 1,
                    category_name = Classes[d.Label],
                    bbox = new[] { d.X1, d.Y1, d.X2 - d.X1, d.Y2 - d.Y1 },
                    score = d.Score,
                    segmentation = Runs(d, image),
                }, WithoutNulls));
            }
        }

        protected override void End() => Out.WriteLine(_hasResults ? "\n]" : "[]");
    }
}
