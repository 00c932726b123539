using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Pss.Engine.Weights;

/// <summary>Reads the pickles that PyTorch writes into plain values. It executes nothing: it supports the instructions and globals that
/// describe tensors and containers; any other is a fault that names it.</summary>
internal sealed class PickleReader(Stream stream, string name)
{
    /// <summary>A hundred times what the largest published detectors need; bounds the memory that a small file can request.</summary>
    private const int MaxInstructions = 2_000_000;

    private const int MaxTextBytes = 16 << 20;
    private const int MaxIntegerBytes = 64;

    private static readonly object Mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private long _instruction;

    /// <summary>The storages that the pickle describes, by key.</summary>
    public Dictionary<string, PickleStorage> Storages { get; } = [];

    /// <summary>Reads one pickle, from the stream's position to its STOP.</summary>
    public object? Load()
    {
        for (var count = 0; count < MaxInstructions; count++)
        {
            _instruction = stream.Position;
            var code = ReadByte();
            if (code == '.') return Pop();
            Execute(code);
        }
        throw Fault($"more than {MaxInstructions} instructions");
    }

    /// <summary>A fault at the current instruction.</summary>
    public WeightFileException Fault(string problem) => new(name, _instruction, problem);

    private void Execute(byte code)
    {
        switch ((char)code)
        {
            case '\x80': if (ReadByte() is var version and (< 2 or > 5)) throw Fault($"pickle protocol {version} is not among 2 to 5"); break;
            case '\x95': Read(8); break;
            case '(': Push(Mark); break;
            case '0': Pop(); break;
            case '1': PopToMark(); break;
            case '2': Push(Peek()); break;
            case 'q': _memo[ReadByte()] = Peek(); break;
            case 'r': _memo[ReadUInt32()] = Peek(); break;
            case '\x94': _memo[_memo.Count] = Peek(); break;
            case 'h': Push(Recall(ReadByte())); break;
            case 'j': Push(Recall(ReadUInt32())); break;
            case 'c': Push(PickleGlobals.Resolve(this, ReadLine(), ReadLine())); break;
            case '\x93': StackGlobal(); break;
            case 'Q': Push(PickleGlobals.Storage(this, Pop())); break;
            case 'R': Reduce(); break;
            case 'b': Build(); break;
            default:
                if (!PushConstant(code) && !ChangeContainer(code)) throw Forbidden(code);
                break;
        }
    }

    private bool PushConstant(byte code)
    {
        switch ((char)code)
        {
            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'K': Push((long)ReadByte()); break;
            case 'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Read(2))); break;
            case 'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Read(4))); break;
            case '\x8a': Push(ReadInteger(ReadByte())); break;
            case '\x8b': Push(ReadInteger(ReadUInt32())); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Read(8))); break;
            case '\x8c': Push(ReadText(ReadByte(), Encoding.UTF8)); break;
            case 'X': Push(ReadText(ReadUInt32(), Encoding.UTF8)); break;
            case '\x8d': Push(ReadText(BinaryPrimitives.ReadUInt64LittleEndian(Read(8)), Encoding.UTF8)); break;
            case 'U' or 'C': Push(ReadText(ReadByte(), Encoding.Latin1)); break;
            case 'T' or 'B': Push(ReadText(ReadUInt32(), Encoding.Latin1)); break;
            case ']' or ')' or '\x8f': Push(new List<object?>()); break;
            case '}': Push(new PickleDictionary()); break;
            default: return false;
        }
        return true;
    }

    private bool ChangeContainer(byte code)
    {
        switch ((char)code)
        {
            case 't' or '\x91': Push(PopToMark()); break;
            case '\x85' or '\x86' or '\x87': Push(PopMany(code - 0x84)); break;
            case 'a': { var item = Pop(); Peek<List<object?>>("a list").Add(item); break; }
            case 'e' or '\x90': { var items = PopToMark(); Peek<List<object?>>("a list").AddRange(items); break; }
            case 's': SetItems(PopMany(2)); break;
            case 'u': SetItems(PopToMark()); break;
            default: return false;
        }
        return true;
    }

    private void SetItems(List<object?> items)
    {
        if (items.Count % 2 != 0) throw Fault("a key has no value");
        var dictionary = Peek<PickleDictionary>("a dictionary");
        for (var i = 0; i < items.Count; i += 2) dictionary.Add((items[i], items[i + 1]));
    }

    private void StackGlobal()
    {
        var names = PopMany(2);
        if (names is not [string module, string member]) throw Fault("a global's name is not text");
        Push(PickleGlobals.Resolve(this, module, member));
    }

    private void Reduce()
    {
        var arguments = Pop() as List<object?> ?? throw Fault("the arguments of a call are not a tuple");
        var function = Pop() as PickleGlobal ?? throw Fault("the called object is not a function that weight files may use");
        Push(PickleGlobals.Call(this, function, arguments, _instruction));
    }

    // A state dict has module versions as an attribute of its OrderedDict; no other attributes are allowed.
    private void Build()
    {
        if (Pop() is not PickleDictionary || Peek() is not PickleDictionary)
            throw Fault("BUILD may only set the attributes of a dictionary in a weight file");
    }

    private WeightFileException Forbidden(byte code) => Fault((char)code switch
    {
        'i' => $"the instruction INST would create '{ReadLine()}.{ReadLine()}', which weight files may not do",
        'o' => "the instruction OBJ would create an object, which weight files may not do",
        '\x81' or '\x92' => "the instruction NEWOBJ would create an object, which weight files may not do",
        _ => $"0x{code:x2} is not an instruction that weight files may use",
    });

    private void Push(object? value) => _stack.Add(value);

    private object? Peek() => _stack.Count > 0 && _stack[^1] != Mark ? _stack[^1] : throw Fault("a value is missing");

    private T Peek<T>(string what) => Peek() is T value ? value : throw Fault($"{what} is missing");

    private object? Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private List<object?> PopMany(int count)
    {
        var start = _stack.Count - count;
        if (start < 0 || _stack.IndexOf(Mark, start) >= 0) throw Fault("a value is missing");
        var values = _stack.GetRange(start, count);
        _stack.RemoveRange(start, count);
        return values;
    }

    private List<object?> PopToMark()
    {
        var mark = _stack.LastIndexOf(Mark);
        if (mark < 0) throw Fault("a mark is missing");
        var values = PopMany(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return values;
    }

    private object? Recall(long index) =>
        _memo.TryGetValue(index, out var value) ? value : throw Fault($"value {index} is used but was never stored");

    private byte ReadByte() => stream.ReadByte() is >= 0 and var value ? (byte)value : throw CutShort();

    private long ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(4));

    private byte[] Read(int count)
    {
        if (count > stream.Length - stream.Position) throw CutShort();
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string ReadText(ulong count, Encoding encoding) =>
        count <= MaxTextBytes ? encoding.GetString(Read((int)count)) : throw Fault($"a text of {count} bytes is longer than {MaxTextBytes}");

    private string ReadText(long count, Encoding encoding) => ReadText((ulong)count, encoding);

    private object ReadInteger(long count)
    {
        if (count > MaxIntegerBytes) throw Fault($"an integer of {count} bytes is longer than {MaxIntegerBytes}");
        var value = new BigInteger(Read((int)count));
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        for (var value = ReadByte(); value != '\n'; value = ReadByte())
            if (line.Append((char)value).Length > 256) throw Fault("a global's name is longer than 256 characters");
        return line.ToString();
    }

    private WeightFileException CutShort() => Fault("the pickle is cut short");
}
