using System.Text;

namespace Pss.Engine.Data.Formats;

/// <summary>Reads a CSV file row by row: comma-separated, quotes escaped by doubling, blank lines skipped.</summary>
internal sealed class CsvLines(string path) : IDisposable
{
    private const int MaxRow = 1 << 16;
    private readonly StreamReader _reader = DatasetFile.TextReader(new BufferedStream(DatasetFile.Open(path)));
    private readonly StringBuilder _cell = new();
    private int _nextLine = 1;

    /// <summary>The line number where the last row began.</summary>
    public int Line { get; private set; }

    /// <summary>Reads the cells of the next row; null at the end of the file.</summary>
    public List<string>? Next()
    {
        try
        {
            return NextRow();
        }
        catch (DecoderFallbackException fault)
        {
            throw DatasetFile.NotUtf8(path, fault);
        }
    }

    public void Dispose() => _reader.Dispose();

    private List<string>? NextRow()
    {
        while (_reader.Peek() is '\r' or '\n')
            _nextLine += _reader.Read() == '\n' ? 1 : 0;
        if (_reader.Peek() < 0)
            return null;
        Line = _nextLine;
        var cells = new List<string>();
        var length = 0;
        for (var quoted = false; ;)
        {
            var c = _reader.Read();
            if (++length > MaxRow)
                throw new DatasetException(path, $"line {Line}", "", $"is longer than {MaxRow} characters");
            if (c < 0 && quoted)
                throw new DatasetException(path, $"line {Line}", "", "the file ends inside quotes");
            if (c == '\n')
                _nextLine++;
            if (c == '"' && quoted && _reader.Peek() == '"')
                _cell.Append((char)_reader.Read());
            else if (c == '"')
                quoted = !quoted;
            else if (quoted || c is not (',' or '\n' or '\r' or < 0))
                _cell.Append((char)c);
            else
            {
                cells.Add(_cell.ToString());
                _cell.Clear();
                if (c != ',')
                    return cells;
            }
        }
    }
}
