using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx;

public sealed class OnnxTransformer : RowToRowTransformerBase, IDisposable
{
    private readonly OnnxOptions _options;
    private readonly FileStream _temporary;
    private readonly OrtSession _session;

    /// <summary>With a null <paramref name="model"/> the options name a file, which must stay where it is until the model is saved.</summary>
    internal OnnxTransformer(IHostEnvironment env, OnnxOptions options, Stream model)
    {
        ArgumentNullException.ThrowIfNull(options.InputColumns);
        ArgumentNullException.ThrowIfNull(options.OutputColumns);
        _options = options;
        if (model is not null)
        {
            options.ModelFile = Path.Combine(HostEnvironment.ContextOf(env).TempFilePath, Path.GetRandomFileName());
            _temporary = new FileStream(options.ModelFile, FileMode.CreateNew, FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete, 4096, FileOptions.DeleteOnClose);
        }
        else if (!File.Exists(options.ModelFile))
            throw new IOException($"Model file {options.ModelFile} does not exist.");
        try
        {
            model?.Seek(0, SeekOrigin.Begin);
            model?.CopyTo(_temporary);
            _temporary?.Flush();
            _session = Open(env, options);
            Inputs = Choose(_session.Inputs, options.InputColumns, "input");
            Outputs = Choose(_session.Outputs, options.OutputColumns, "output");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal TensorInfo[] Inputs { get; }

    internal TensorInfo[] Outputs { get; }

    public void Dispose()
    {
        _session?.Dispose();
        _temporary?.Dispose();
    }

    private static OnnxTransformer Create(IHostEnvironment env, BinaryReader reader)
    {
        var model = new MemoryStream(reader.ReadBytes(reader.ReadInt32()));
        var options = new OnnxOptions { InputColumns = ReadNames(), OutputColumns = ReadNames(), ShapeDictionary = new Dictionary<string, int[]>() };
        for (var left = reader.ReadInt32(); left > 0; left--)
            options.ShapeDictionary[reader.ReadString()] = [.. ReadMany(reader.ReadInt32)];
        return new OnnxTransformer(env, options, model);

        string[] ReadNames() => [.. ReadMany(reader.ReadString)];

        IEnumerable<T> ReadMany<T>(Func<T> read) => Enumerable.Range(0, reader.ReadInt32()).Select(_ => read());
    }

    /// <summary>A device of the options wins over the context's, each with its own say on falling back.</summary>
    private static OrtSession Open(IHostEnvironment env, OnnxOptions options)
    {
        var context = HostEnvironment.ContextOf(env);
        var (device, fallback) = options.GpuDeviceId is null ? (context.GpuDeviceId, context.FallbackToCpu) : (options.GpuDeviceId, options.FallbackToCpu);
        try
        {
            return new OrtSession(options, device);
        }
        catch (InvalidOperationException error) when (device is not null && fallback)
        {
            using var channel = env.Start(nameof(OnnxTransformer));
            channel.Warning(MessageSensitivity.None, "The ONNX model runs on the CPU, as GPU {0} cannot be used: {1}", device, error.Message);
            return new OrtSession(options, null);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidOperationException($"Error initializing model: {error.Message}", error);
        }
    }

    private TensorInfo[] Choose(TensorInfo[] all, string[] names, string role)
        => names.Length == 0
            ? [.. all.Select(tensor => tensor.With(_options.ShapeDictionary))]
            : [.. names.Select(name => (all.FirstOrDefault(tensor => tensor.Name == name)
                ?? throw new ArgumentOutOfRangeException("name",
                    $"The ONNX model has no {role} tensor '{name}'; it has {string.Join(", ", all.Select(tensor => tensor.Name))}"))
                .With(_options.ShapeDictionary))];

    private protected override RowMapping Bind(DataViewSchema schema)
    {
        foreach (var input in Inputs)
        {
            if (input.InputShape.Count(size => size == 0) > 1)
                throw new ArgumentOutOfRangeException(input.Name, "Only 1 unknown dimension is allowed");
            var column = schema.GetColumnOrNull(input.Name) ?? throw Errors.MissingColumn("inputSchema", input.Name);
            if (!input.ItemType.Equals(column.Type.ItemType()))
                throw Errors.SchemaMismatch("inputSchema", input.Name, input.ItemType.ToString(), column.Type.ToString());
        }
        return new RowMapping(
            [.. Outputs.Select(output => new DataViewSchema.DetachedColumn(
                output.Name.EndsWith(".output", StringComparison.Ordinal) ? output.Name.Replace(".output", "") : output.Name, output.OutputType))],
            active => Enumerable.Range(0, Outputs.Length).Any(active) ? Inputs.Select(input => schema[input.Name].Index) : [],
            MakeGetters);
    }

    private (Delegate[] Getters, Action Disposer) MakeGetters(DataViewRow input, Func<int, bool> active)
    {
        var getters = new Delegate[Outputs.Length];
        if (!Enumerable.Range(0, getters.Length).Any(active))
            return (getters, null);
        var row = new OnnxRow(_session, input, Inputs, [.. Outputs.Where((_, i) => active(i))]);
        for (int i = 0, at = 0; i < getters.Length; i++)
        {
            if (!active(i))
                continue;
            var type = Outputs[i].ItemType.RawType;
            getters[i] = Outputs[i].ItemType is TextDataViewType
                ? row.MakeTextGetter(at)
                : (Delegate)typeof(OnnxRow).GetMethod(nameof(OnnxRow.MakeGetter), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)
                    .MakeGenericMethod(type).Invoke(row, [at]);
            at++;
        }
        return (getters, row.Dispose);
    }

    private protected override void Save(ModelSaveContext ctx)
        => ctx.Save(GetType(), writer =>
        {
            var model = File.ReadAllBytes(_options.ModelFile);
            writer.Write(model.Length);
            writer.Write(model);
            WriteMany(Inputs, input => writer.Write(input.Name));
            WriteMany(Outputs, output => writer.Write(output.Name));
            WriteMany(_options.ShapeDictionary ?? new Dictionary<string, int[]>(), pair =>
            {
                writer.Write(pair.Key);
                WriteMany(pair.Value, writer.Write);
            });

            void WriteMany<T>(ICollection<T> items, Action<T> write)
            {
                writer.Write(items.Count);
                foreach (var item in items)
                    write(item);
            }
        });
}
