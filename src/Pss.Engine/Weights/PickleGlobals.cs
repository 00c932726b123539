namespace Pss.Engine.Weights;

/// <summary>The globals that a weight file may use, and the values of their calls.</summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, WeightDtype> Storages = new()
    {
        ["BoolStorage"] = WeightDtype.Bool,
        ["ByteStorage"] = WeightDtype.UInt8,
        ["CharStorage"] = WeightDtype.Int8,
        ["ShortStorage"] = WeightDtype.Int16,
        ["IntStorage"] = WeightDtype.Int32,
        ["LongStorage"] = WeightDtype.Int64,
        ["HalfStorage"] = WeightDtype.Float16,
        ["BFloat16Storage"] = WeightDtype.BFloat16,
        ["FloatStorage"] = WeightDtype.Float32,
        ["DoubleStorage"] = WeightDtype.Float64,
    };

    private static readonly HashSet<string> Functions =
    [
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
        "torch.Size", "torch.device",
        // Used only as values, for example among an optimizer's settings.
        "torch.float16", "torch.bfloat16", "torch.float32", "torch.float64", "torch.uint8", "torch.int8", "torch.int16", "torch.int32",
        "torch.int64", "torch.bool",
    ];

    public static object Resolve(PickleReader reader, string module, string member)
    {
        if (module is "torch" or "torch.cuda" && Storages.TryGetValue(member, out var dtype)) return new PickleStorageClass(dtype);
        var name = $"{module}.{member}";
        return Functions.Contains(name)
            ? new PickleGlobal(name)
            : throw reader.Fault($"the file asks for '{name}', which a weight file may not use: save the state dict alone (torch.save(model.state_dict(), path))");
    }

    public static PickleStorage Storage(PickleReader reader, object? id)
    {
        if (id is not List<object?> { Count: 5 or 6 } parts
            || parts is not ["storage", PickleStorageClass type, string key, _, long count, ..] || count < 0)
            throw reader.Fault("the description of a storage is not ('storage', class, key, device, count)");
        if (!reader.Storages.TryAdd(key, new PickleStorage(key, type.Dtype, count, 0, count)) && reader.Storages[key] is var known
            && (known.Dtype, known.Count) != (type.Dtype, count))
            throw reader.Fault($"the storage '{key}' is described in two ways");
        if (parts is not [.., List<object?> view]) return new PickleStorage(key, type.Dtype, count, 0, count);
        if (view is not [_, long start, long size] || start < 0 || size < 0 || start > count - size)
            throw reader.Fault($"a view of the storage '{key}' does not lie inside it");
        return new PickleStorage(key, type.Dtype, count, start, size);
    }

    public static object? Call(PickleReader reader, PickleGlobal function, List<object?> arguments, long position)
    {
        switch (function.Name, arguments)
        {
            case ("collections.OrderedDict", []):
                return new PickleDictionary();
            case ("collections.OrderedDict", [List<object?> pairs]):
                var dictionary = new PickleDictionary();
                foreach (var pair in pairs)
                {
                    if (pair is not List<object?> { Count: 2 } item) throw reader.Fault("an item of a dictionary is not a pair");
                    dictionary.Add((item[0], item[1]));
                }
                return dictionary;
            case ("torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2",
                [PickleStorage storage, long offset, List<object?> shape, List<object?> strides, ..]):
                return Tensor(reader, storage, offset, Integers(reader, shape), Integers(reader, strides), position);
            case ("torch._utils._rebuild_parameter", [PickleTensor tensor, ..]):
                return tensor;
            case ("torch.Size", [List<object?> sizes]):
                return sizes;
            case ("torch.device", [string, ..]):
                return function;
            default:
                throw reader.Fault($"'{function.Name}' is called with unexpected arguments");
        }
    }

    private static PickleTensor Tensor(PickleReader reader, PickleStorage storage, long offset, long[] shape, long[] strides, long position) =>
        PickleTensor.Problem(storage, offset, shape, strides) is { } problem
            ? throw reader.Fault(problem)
            : new PickleTensor(storage, offset, shape, strides, position);

    private static long[] Integers(PickleReader reader, List<object?> values) =>
        values.Count <= 64 && values.All(value => value is long)
            ? values.Select(value => (long)value!).ToArray()
            : throw reader.Fault("a tensor's sizes or strides are not up to 64 integers");
}
