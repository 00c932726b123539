using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Numerics;

namespace Pss.Engine.Weights;

/// <summary>Reads the tensors of a PyTorch checkpoint (.pth, .pt), in the zip format and in the format before PyTorch 1.6. Nothing in the file is
/// executed: a file that needs more than tensors and plain containers is rejected, and the message names what it needs.</summary>
internal static class PyTorchCheckpoint
{
    private const long MaxPickleBytes = 64 << 20;

    // Checkpoints of training programs: plain weights take precedence over their moving average.
    private static readonly string[] StateKeys =
        ["state_dict", "model", "model_state_dict", "model_state", "net", "network", "state_dict_ema", "model_ema", "ema_state_dict", "ema"];

    private static readonly BigInteger LegacyMagic = BigInteger.Parse("119547037146038801333356", CultureInfo.InvariantCulture);

    /// <summary>Reads a state dict. Strided and shared tensors become contiguous arrays of their own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">Which entry of the checkpoint holds the state dict. When null: the checkpoint itself if it holds tensors, else the first
    /// that holds tensors among state_dict, model, model_state_dict, model_state, net, network, state_dict_ema, model_ema,
    /// ema_state_dict, ema. Values of the state dict that are not tensors are skipped.</param>
    /// <exception cref="WeightFileException">The file is damaged, cut short or inconsistent, needs code to be executed, or has no state dict.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static WeightFile Read(string path, string? key = null)
    {
        using var stream = File.OpenRead(path);
        return stream.ReadByte() == 'P' ? ReadZip(stream, path, key) : ReadLegacy(stream, path, key);
    }

    private static WeightFile ReadZip(FileStream stream, string path, string? key)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var pickles = zip.Entries.Where(entry => entry.Name == "data.pkl").ToArray();
            if (pickles.Length != 1)
                throw new WeightFileException(path, 0,
                    $"the archive has {pickles.Length} records data.pkl, not 1: this is not a PyTorch checkpoint");
            var folder = pickles[0].FullName[..^"data.pkl".Length];
            byte[] Record(ZipArchiveEntry entry, long limit) => ReadRecord(entry, $"{path}/{entry.FullName}", Math.Min(limit, stream.Length));
            if (zip.GetEntry(folder + "byteorder") is { } order && !Record(order, 16).AsSpan().SequenceEqual("little"u8))
                throw new WeightFileException($"{path}/{order.FullName}", 0, "only little-endian checkpoints are supported");
            var name = $"{path}/{pickles[0].FullName}";
            var root = new PickleReader(new MemoryStream(Record(pickles[0], MaxPickleBytes)), name).Load();
            return Gather(SelectState(root, key, name), name, stream.Length, storage =>
            {
                var entry = zip.GetEntry($"{folder}data/{storage.Key}")
                    ?? throw new WeightFileException(path, 0, $"the archive has no record {folder}data/{storage.Key}");
                if (entry.Length != storage.RecordBytes)
                    throw new WeightFileException($"{path}/{entry.FullName}", entry.Length,
                        $"the record has {entry.Length} bytes, but {storage.RecordCount} elements of {storage.Dtype} take {storage.RecordBytes}");
                return Record(entry, Array.MaxLength);
            });
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            throw new WeightFileException(path, 0, $"the archive is damaged or cut short ({fault.Message})", fault);
        }
    }

    // PyTorch stores records without compression; requiring that prevents a small file from expanding into a large one.
    private static byte[] ReadRecord(ZipArchiveEntry entry, string name, long limit)
    {
        if (entry.Length != entry.CompressedLength) throw new WeightFileException(name, 0, "the record is compressed, which PyTorch never does");
        if (entry.Length > limit) throw new WeightFileException(name, 0, $"the record claims {entry.Length} bytes, more than {limit}");
        using var content = entry.Open();
        var bytes = new byte[entry.Length];
        var read = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length
            ? bytes : throw new WeightFileException(name, read, $"the record is cut short: {bytes.Length} bytes were expected");
    }

    private static WeightFile ReadLegacy(FileStream stream, string path, string? key)
    {
        stream.Position = 0;
        if (stream.ReadByte() != 0x80) throw new WeightFileException(path, 0, "this is neither a PyTorch checkpoint nor a safetensors file");
        stream.Position = 0;
        var start = 0L;
        PickleReader? reader = null;
        T Next<T>(string expected)
        {
            start = stream.Position;
            reader = new PickleReader(stream, path);
            return reader.Load() is T value ? value : throw new WeightFileException(path, start, $"{expected} is expected here");
        }

        if (Next<BigInteger>("PyTorch's magic number") != LegacyMagic)
            throw new WeightFileException(path, start, "this is not PyTorch's magic number");
        if (Next<long>("the version of the format") is var version and not 1001)
            throw new WeightFileException(path, start, $"the version of the format is {version}, not 1001");
        if (Next<PickleDictionary>("the description of the machine").Find("little_endian") is not true)
            throw new WeightFileException(path, start, "only little-endian checkpoints are supported");
        var state = SelectState(Next<object>("the state dict"), key, path);
        var storages = reader!.Storages;
        var keys = Next<List<object?>>("the list of storages");
        var places = LocateStorages(stream, path, keys, storages);
        return Gather(state, path, stream.Length, storage =>
        {
            if (!places.TryGetValue(storage.Key, out var place))
                throw new WeightFileException(path, start, $"the storage '{storage.Key}' is missing from the file");
            stream.Position = place;
            var bytes = new byte[(long)storage.RecordBytes];
            stream.ReadExactly(bytes);
            return bytes;
        });
    }

    // After the list of keys come the storages in that order: a count of elements, then the elements.
    private static Dictionary<string, long> LocateStorages(
        FileStream stream, string path, List<object?> keys, IReadOnlyDictionary<string, PickleStorage> storages)
    {
        var places = new Dictionary<string, long>();
        Span<byte> prefix = stackalloc byte[8];
        foreach (var item in keys)
        {
            var start = stream.Position;
            if (item is not string key || !storages.TryGetValue(key, out var storage))
                throw new WeightFileException(path, start, $"the file lists the storage '{item}', which no tensor uses");
            if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
                throw new WeightFileException(path, start, $"the file ends before the storage '{key}'");
            var count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (count != storage.RecordCount)
                throw new WeightFileException(path, start,
                    FormattableString.Invariant($"the storage '{key}' has {count} elements, but its tensors expect {storage.RecordCount}"));
            if (storage.RecordBytes > stream.Length - stream.Position)
                throw new WeightFileException(path, start, $"the file ends inside the storage '{key}'");
            if (!places.TryAdd(key, stream.Position)) throw new WeightFileException(path, start, $"the storage '{key}' is listed twice");
            stream.Position += (long)storage.RecordBytes;
        }
        return places;
    }

    private static List<(string Name, PickleTensor Tensor)> SelectState(object? root, string? key, string name)
    {
        WeightFileException Fault(string problem) => new(name, 0, problem);

        if (root is not PickleDictionary dictionary) throw Fault("the file does not hold a dictionary of tensors");
        var state = key is not null ? dictionary.Find(key) as PickleDictionary
            : HasTensors(dictionary) ? dictionary
            : StateKeys.Select(dictionary.Find).OfType<PickleDictionary>().FirstOrDefault(HasTensors);
        if (state is null)
            throw Fault($"{(key is null ? "no state dict was found" : $"'{key}' is not a state dict")}; the checkpoint's entries are: {string.Join(", ", dictionary.Take(20).Select(item => item.Key))}");
        var tensors = new List<(string, PickleTensor)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (entry, value) in state)
        {
            if (value is not PickleTensor tensor) continue;
            if (entry is not string tensorName) throw new WeightFileException(name, tensor.Position, $"a tensor's name is {entry}, not text");
            if (!names.Add(tensorName)) throw new WeightFileException(name, tensor.Position, $"two tensors are named '{tensorName}'");
            tensors.Add((tensorName, tensor));
        }
        return tensors;
    }

    private static bool HasTensors(PickleDictionary dictionary) => dictionary.Exists(item => item.Value is PickleTensor);

    // The memory for reading and copying is limited to a small multiple of the file's length, whatever its views and its directory state.
    private static WeightFile Gather(List<(string Name, PickleTensor Tensor)> state, string name, long fileLength, Func<PickleStorage, byte[]> load)
    {
        var records = new Dictionary<string, byte[]>();
        Int128 read = 0, copied = 0;
        NamedTensor Materialize(string tensorName, PickleTensor tensor)
        {
            WeightFileException Fault(string problem) => new(name, tensor.Position, $"'{tensorName}': {problem}");
            var storage = tensor.Storage;
            if (!records.TryGetValue(storage.Key, out var record))
            {
                if ((read += storage.RecordBytes) > fileLength) throw Fault("the storages are larger than the file");
                if (storage.RecordBytes > Array.MaxLength) throw Fault($"a storage of {storage.RecordBytes} bytes is more than one array may hold");
                records[storage.Key] = record = load(storage);
            }
            var size = NamedTensor.SizeOf(storage.Dtype);
            if (tensor.Count == 0) return new NamedTensor(tensorName, storage.Dtype, tensor.Shape, default);
            if (tensor.IsContiguous)
                return new NamedTensor(tensorName, storage.Dtype, tensor.Shape,
                    record.AsMemory((int)((storage.Start + tensor.Offset) * size), (int)(tensor.Count * size)));
            if ((copied += tensor.Count * (Int128)size) > Int128.Min(8 * (Int128)fileLength + (1 << 20), Array.MaxLength))
                throw Fault("the views expand to far more than the file's content");
            return new NamedTensor(tensorName, storage.Dtype, tensor.Shape, tensor.Gather(record));
        }

        return new WeightFile(state.ConvertAll(item => Materialize(item.Name, item.Tensor)));
    }
}
