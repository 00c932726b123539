using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pss.Engine.Data.Formats;

/// <summary>The data yaml of a YOLO dataset: class names and the image paths of each split.</summary>
/// <remarks>Uses only the parser's events: no object is built from tags, aliases are rejected, unknown keys are skipped.</remarks>
internal sealed class YoloConfig
{
    private const int MaxDepth = 32;
    private readonly string _file;
    private long? _declared;

    private YoloConfig(string file) => _file = file;

    public string? Root { get; private set; }

    /// <summary>Numbers of a pose label's keypoints ("kpt_shape": number of keypoints times numbers of each); 0 for other labels.</summary>
    public int KeypointNumbers { get; private set; }

    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Paths of each split's images in the order train, val, test.</summary>
    public SortedDictionary<string, IReadOnlyList<string>> Splits { get; } = new(Comparer<string>.Create((a, b) => Rank(a) - Rank(b)));

    public static YoloConfig Read(string file)
    {
        var config = new YoloConfig(file);
        var text = DatasetFile.ReadText(file, 1 << 20);
        try
        {
            config.ReadDocument(new Parser(new StringReader(text)));
        }
        // The scanner throws InvalidOperationException on some broken input, and ArgumentException on a tag that is no URI and on half a surrogate pair.
        catch (Exception fault) when (fault is YamlException or InvalidOperationException or ArgumentException)
        {
            throw new DatasetException(file, fault is YamlException yaml ? $"line {yaml.Start.Line}" : "", "", $"is not YAML of the supported kind (plain keys, text and lists): {fault.Message}", fault);
        }
        config.Check();
        return config;
    }

    private static int Rank(string split) => split switch { "train" => 0, "val" => 1, _ => 2 };

    private void ReadDocument(Parser parser)
    {
        parser.Consume<StreamStart>();
        parser.Consume<DocumentStart>();
        if (!parser.TryConsume<MappingStart>(out _))
            throw new DatasetException(_file, "", "", "is not a mapping; a data yaml has the keys train, val and names");
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.TryConsume<Scalar>(out var scalar) ? scalar.Value : throw Fault(parser, "", "a key is not text");
            switch (key)
            {
                case "path":
                    Root = Text(parser, key);
                    break;
                case "train" or "val" or "test" or "valid":
                    if (TextOrList(parser, key) is { Count: > 0 } paths)
                        Splits[key == "valid" ? "val" : key] = paths;
                    break;
                case "nc":
                    _declared = long.TryParse(Text(parser, key), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : -1;
                    break;
                case "kpt_shape":
                    ReadKeypoints(parser);
                    break;
                case "names":
                    ReadNames(parser);
                    break;
                default:
                    Skip(parser);
                    break;
            }
        }
    }

    private void Check()
    {
        if (Names.Count == 0)
            throw new DatasetException(_file, "", "names", "is missing; a data yaml lists the class names");
        if (Names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new DatasetException(_file, "", "names", $"'{twice.Key}' appears twice");
        if (_declared is { } declared && declared != Names.Count)
            throw new DatasetException(_file, "", "nc", $"differs from the number of names, {Names.Count}; correct one of them");
        if (Splits.Count == 0)
            throw new DatasetException(_file, "", "train", "is missing; a data yaml has train, val or test");
    }

    private void ReadKeypoints(Parser parser)
    {
        var shape = TextOrList(parser, "kpt_shape");
        if (shape.Count != 2 || !Numbers.TryParseIndex(shape[0], out var count) || !Numbers.TryParseIndex(shape[1], out var each) || count is < 1 or > 10_000 || each is not (2 or 3))
            throw Fault(parser, "kpt_shape", "is not [number of keypoints, 2 or 3]");
        KeypointNumbers = count * each;
    }

    private void ReadNames(Parser parser)
    {
        if (!parser.TryConsume<MappingStart>(out _))
        {
            Names = TextOrList(parser, "names");
            return;
        }
        var names = new SortedDictionary<int, string>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Text(parser, "names");
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || !names.TryAdd(index, Text(parser, "names")))
                throw Fault(parser, "names", $"the key '{key}' is no whole number, or appears twice");
        }
        if (names.Count > 0 && names.Keys.Last() != names.Count - 1)
            throw new DatasetException(_file, "", "names", $"the keys must be 0 to {names.Count - 1} without a gap");
        Names = [.. names.Values];
    }

    private IReadOnlyList<string> TextOrList(Parser parser, string field)
    {
        if (!parser.TryConsume<SequenceStart>(out _))
            return Text(parser, field) is { Length: > 0 } text ? [text] : [];
        var list = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            list.Add(Text(parser, field));
        return list;
    }

    private string Text(Parser parser, string field) =>
        parser.TryConsume<Scalar>(out var scalar) && !scalar.Value.Contains('\0') ? scalar.Value : throw Fault(parser, field, "is not plain text");

    private void Skip(Parser parser)
    {
        var depth = 0;
        do
        {
            if (parser.Accept<AnchorAlias>(out _) || depth > MaxDepth)
                throw Fault(parser, "", $"aliases and more than {MaxDepth} levels are not supported; write the value out");
            depth += parser.Consume<ParsingEvent>().NestingIncrease;
        }
        while (depth > 0);
    }

    private DatasetException Fault(Parser parser, string field, string problem) => new(_file, $"line {parser.Current?.Start.Line}", field, problem);
}
