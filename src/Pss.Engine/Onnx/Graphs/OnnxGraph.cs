using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Pss.Engine.Onnx.Protobuf;

namespace Pss.Engine.Onnx.Graphs;

/// <summary>Builds an ONNX model (opset 17, IR version 8) node by node. Each method adds what its ONNX operator is called and gives the new
/// value; a value must come from the same graph.</summary>
internal sealed partial class OnnxGraph
{
    /// <summary>The operator set that the nodes belong to.</summary>
    public const int Opset = 17;

    private const int IrVersion = 8;

    private readonly GraphProto _graph;
    private readonly ModelProto _model;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal) { "" };
    private readonly Dictionary<string, OnnxValue> _constants = [];
    private long _bytes;

    /// <summary>Starts an empty graph.</summary>
    public OnnxGraph(string name)
    {
        _graph = new GraphProto { Name = name };
        _model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Pss.MLNet",
            ProducerVersion = typeof(OnnxGraph).Assembly.GetName().Version!.ToString(),
            Graph = _graph,
            OpsetImport = { new OperatorSetIdProto { Version = Opset } },
        };
    }

    /// <summary>Name, element type and dimensions of each input of the model so far.</summary>
    public IEnumerable<(string Name, string Type, string[] Shape)> Inputs => _graph.Input.Select(Describe);

    /// <summary>Name, element type and dimensions of each output of the model so far.</summary>
    public IEnumerable<(string Name, string Type, string[] Shape)> Outputs => _graph.Output.Select(Describe);

    /// <summary>Adds an input of the model.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OnnxValue Input(string name, OnnxType type, params OnnxDimension[] shape)
    {
        _graph.Input.Add(Describe(name, type, shape));
        return Claim(name);
    }

    /// <summary>Names a value and makes it an output of the model.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the value belongs to another graph.</exception>
    public void Output(OnnxValue value, string name, OnnxType type, params OnnxDimension[] shape)
    {
        Claim(name);
        Append("Identity", name, [value], [name], []);
        _graph.Output.Add(Describe(name, type, shape));
    }

    /// <summary>Adds text that tools can read without running the model, such as class names.</summary>
    public void AddMetadata(string key, string value) => _model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });

    /// <summary>Adds named numbers, stored as Float32 or, rounded, as Float16. Those of Float16 come from a node: ML.NET refuses a model with
    /// initializers of that type.</summary>
    /// <exception cref="ArgumentException">The name is taken, the values do not fill the shape, or the type is neither.</exception>
    public OnnxValue Weight(string name, ReadOnlySpan<float> values, ReadOnlySpan<long> shape, OnnxType type = OnnxType.Float32)
    {
        if (type is not (OnnxType.Float32 or OnnxType.Float16))
            throw new ArgumentException($"{name}: weights are Float32 or Float16, not {type}", nameof(type));
        if (type == OnnxType.Float32) return Initializer(name, type, shape, values.Length, MemoryMarshal.AsBytes(values));
        var halves = new Half[values.Length];
        for (var i = 0; i < halves.Length; i++) halves[i] = (Half)values[i];
        var tensor = Tensor(name, type, shape, values.Length, MemoryMarshal.AsBytes<Half>(halves));
        var value = Claim(name);
        Append("Constant", $"Constant_{_graph.Node.Count}", [], [name], [("value", tensor)]);
        return value;
    }

    /// <summary>A list of 64-bit integers. Equal lists are stored once.</summary>
    public OnnxValue Integers(params long[] values) =>
        Shared($"int64[{string.Join(",", values.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]", name =>
            Initializer(name, OnnxType.Int64, [values.Length], values.Length, MemoryMarshal.AsBytes<long>(values)));

    /// <summary>One 64-bit integer without dimensions. Equal ones are stored once.</summary>
    public OnnxValue Integer(long value) =>
        Shared(FormattableString.Invariant($"int64:{value}"), name => Initializer(name, OnnxType.Int64, [], 1, MemoryMarshal.AsBytes([value])));

    /// <summary>One byte without dimensions. Equal ones are stored once.</summary>
    public OnnxValue Byte(byte value) =>
        Shared(FormattableString.Invariant($"uint8:{value}"), name => Initializer(name, OnnxType.UInt8, [], 1, [value]));

    /// <summary>Adds named integers of 8 bits.</summary>
    public OnnxValue Int8Weight(string name, ReadOnlySpan<sbyte> values, ReadOnlySpan<long> shape) =>
        Initializer(name, OnnxType.Int8, shape, values.Length, MemoryMarshal.AsBytes(values));

    /// <summary>Adds named integers of 32 bits.</summary>
    public OnnxValue Int32Weight(string name, ReadOnlySpan<int> values, ReadOnlySpan<long> shape) =>
        Initializer(name, OnnxType.Int32, shape, values.Length, MemoryMarshal.AsBytes(values));

    /// <summary>One number without dimensions, as Float32 or Float16. Equal ones are stored once.</summary>
    public OnnxValue Number(float value, OnnxType type = OnnxType.Float32) =>
        Shared(FormattableString.Invariant($"{type}:{value:r}"), name => Weight(name, [value], [], type));

    /// <summary>Adds a named list of texts.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public OnnxValue Texts(string name, params string[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)OnnxType.Text, Dims = { values.Length } };
        tensor.StringData.AddRange(values.Select(value => ByteString.CopyFrom(value, Encoding.UTF8)));
        _graph.Initializer.Add(tensor);
        return Claim(name);
    }

    /// <summary>Adds any operator with one output.</summary>
    /// <param name="operation">The operator's ONNX name.</param>
    /// <param name="inputs">Its inputs in order; <see cref="OnnxValue.None"/> leaves an optional one out.</param>
    /// <param name="attributes">Its attributes: long, float, string or long[].</param>
    /// <exception cref="ArgumentException">An input belongs to another graph, or an attribute is of another kind.</exception>
    public OnnxValue Node(string operation, ReadOnlySpan<OnnxValue> inputs, params (string Name, object Value)[] attributes) =>
        Nodes(operation, 1, inputs, attributes)[0];

    /// <summary>Adds any operator; see <see cref="Node"/>.</summary>
    public OnnxValue[] Nodes(string operation, int outputs, ReadOnlySpan<OnnxValue> inputs, params (string Name, object Value)[] attributes)
    {
        var name = $"{operation}_{_graph.Node.Count}";
        var names = new string[outputs];
        for (var i = 0; i < outputs; i++) names[i] = Claim(outputs == 1 ? name : $"{name}_{i}").Name;
        Append(operation, name, inputs, names, attributes);
        return Array.ConvertAll(names, output => new OnnxValue(output));
    }

    /// <summary>Writes the model, whole or not at all.</summary>
    /// <exception cref="InvalidOperationException">The graph has no output, or is larger than the 2 GB that the format allows.</exception>
    public void Write(string path)
    {
        CheckComplete();
        AtomicFile.Write(path, stream => _model.WriteTo(stream));
    }

    /// <summary>The model as the bytes of a file; see <see cref="Write"/>.</summary>
    public byte[] ToArray()
    {
        CheckComplete();
        return _model.ToByteArray();
    }

    private void CheckComplete()
    {
        if (_graph.Output.Count == 0) throw new InvalidOperationException($"the graph '{_graph.Name}' has no output");
        if (_bytes > int.MaxValue - (64 << 20))
            throw new InvalidOperationException($"the graph '{_graph.Name}' has {_bytes} bytes of weights; an ONNX file holds less than 2 GB");
    }

    private OnnxValue Shared(string name, Func<string, OnnxValue> make) =>
        _constants.TryGetValue(name, out var value) ? value : _constants[name] = make(name);

    private OnnxValue Initializer(string name, OnnxType type, ReadOnlySpan<long> shape, int count, ReadOnlySpan<byte> bytes)
    {
        var tensor = Tensor(name, type, shape, count, bytes);
        var value = Claim(name);
        _graph.Initializer.Add(tensor);
        return value;
    }

    private TensorProto Tensor(string name, OnnxType type, ReadOnlySpan<long> shape, int count, ReadOnlySpan<byte> bytes)
    {
        var elements = 1L;
        foreach (var size in shape) elements = checked(elements * size);
        if (elements != count) throw new ArgumentException($"{name}: {count} values do not fill the shape [{string.Join(", ", shape.ToArray())}]");
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape.ToArray());
        _bytes += bytes.Length;
        return tensor;
    }

    private OnnxValue Claim(string name) =>
        _names.Add(name) ? new OnnxValue(name)
            : throw new ArgumentException($"the name '{name}' is taken in the graph '{_graph.Name}'", nameof(name));

    private void Append(string operation, string name, ReadOnlySpan<OnnxValue> inputs, string[] outputs, (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { Name = name, OpType = operation };
        foreach (var input in inputs)
        {
            if (!_names.Contains(input.Name)) throw new ArgumentException($"{name}: '{input.Name}' is not a value of the graph '{_graph.Name}'");
            node.Input.Add(input.Name);
        }
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(Attribute));
        _graph.Node.Add(node);
    }

    private static AttributeProto Attribute((string Name, object Value) attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case long value: (proto.Type, proto.I) = (AttributeProto.Types.AttributeType.Int, value); break;
            case float value: (proto.Type, proto.F) = (AttributeProto.Types.AttributeType.Float, value); break;
            case string value: (proto.Type, proto.S) = (AttributeProto.Types.AttributeType.String, ByteString.CopyFromUtf8(value)); break;
            case TensorProto value: (proto.Type, proto.T) = (AttributeProto.Types.AttributeType.Tensor, value); break;
            case long[] values: proto.Type = AttributeProto.Types.AttributeType.Ints; proto.Ints.AddRange(values); break;
            default: throw new ArgumentException($"the attribute {attribute.Name} is a {attribute.Value.GetType().Name}, not a long, float, string or long[]");
        }
        return proto;
    }

    private static (string Name, string Type, string[] Shape) Describe(ValueInfoProto value) => (
        value.Name,
        ((OnnxType)value.Type.TensorType.ElemType).ToString(),
        [.. value.Type.TensorType.Shape.Dim.Select(size => size.DimParam.Length > 0 ? size.DimParam : size.DimValue.ToString(CultureInfo.InvariantCulture))]);

    private static ValueInfoProto Describe(string name, OnnxType type, OnnxDimension[] shape)
    {
        var proto = new TensorShapeProto();
        foreach (var dimension in shape)
            proto.Dim.Add(dimension.Name is { } chosen
                ? new TensorShapeProto.Types.Dimension { DimParam = chosen } : new TensorShapeProto.Types.Dimension { DimValue = dimension.Size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = proto } } };
    }
}
