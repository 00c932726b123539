using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class ModelFileTests : IDisposable
{
    private readonly MLContext _context = new(1);
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Everything_built_in_survives_a_file()
    {
        var data = Texts("cat", "dog", "cat");
        var model = new EstimatorChain<ITransformer>()
            .Append((IEstimator<ITransformer>)_context.Transforms.CopyColumns("Copy", "Text"))
            .Append(_context.Transforms.Conversion.MapValueToKey("Key", "Copy"))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Append(_context.Transforms.Conversion.MapValue("State", new Dictionary<string, float[]> { ["dog"] = [1.5f, 2] }, "Back"))
            .Append(_context.Transforms.Conversion.MapValue("Legs", new Dictionary<string, long> { ["dog"] = 4 }, "Back"))
            .Append(_context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, Shout.Contract))
            .Append(_context.Transforms.DropColumns("Copy"))
            .Append(_context.Transforms.SelectColumns("Legs", "Back", "Loud", "State", "Key"))
            .Fit(data);
        _context.Model.Save(model, data.Schema, _path);
        var loaded = Assert.IsType<TransformerChain<ITransformer>>(new MLContext().Model.Load(_path, out var schema));

        Assert.Equal(["Text"], schema.Select(c => c.Name));
        Assert.Equal(Show(model.Transform(data)), Show(loaded.Transform(data)));
        Assert.Equal(model.GetOutputSchema(data.Schema).ToString(), loaded.GetOutputSchema(schema).ToString());
        Assert.True(loaded.GetOutputSchema(schema)["Key"].HasKeyValues());
        Assert.Equal(model.Select(t => t.GetType()), loaded.Select(t => t.GetType()));
    }

    [Fact]
    public void The_input_schema_keeps_key_values_and_loses_image_columns_silently()
    {
        PictureType.Register();
        var data = Texts("cat", "dog");
        var keys = _context.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(data).Transform(data);
        var painted = new Painter().Transform(keys);
        using var stream = new MemoryStream();
        _context.Model.Save(new TransformerChain<ITransformer>(), painted.Schema, stream);
        stream.Position = 0;
        _context.Model.Load(stream, out var schema);

        Assert.Equal(["Text", "Key"], schema.Select(c => c.Name));
        Assert.Equal(keys.Schema["Key"].Type, schema["Key"].Type);
        var values = default(VBuffer<ReadOnlyMemory<char>>);
        schema["Key"].GetKeyValues(ref values);
        Assert.Equal(["cat", "dog"], values.DenseValues().Select(v => v.ToString()));
    }

    [Fact]
    public void A_transformer_of_ours_is_saved_as_a_chain_of_built_in_ones()
    {
        var data = Texts("cat");
        var outer = new TransformerChain<ITransformer>(new Disguised(_context), _context.Transforms.CopyColumns("Copy", "Loud").Fit(new Disguised(_context).Transform(data)));
        using var stream = new MemoryStream();
        _context.Model.Save(outer, null, stream);
        stream.Position = 0;
        var loaded = (TransformerChain<ITransformer>)_context.Model.Load(stream, out var schema);

        Assert.Null(schema);
        Assert.IsType<TransformerChain<ITransformer>>(loaded.First());
        Assert.Equal(["CAT"], loaded.Transform(data).GetColumn<string>("Copy"));
    }

    [Fact]
    public void A_fresh_process_loads_what_this_one_saved()
    {
        var data = Texts("small dog", "cat");
        var model = new EstimatorChain<ITransformer>()
            .Append((IEstimator<ITransformer>)_context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, Shout.Contract))
            .Append(_context.Transforms.Conversion.MapValueToKey("Key", "Loud"))
            .Append(_context.Transforms.Conversion.MapKeyToValue("Back", "Key"))
            .Append(_context.Transforms.SelectColumns("Lengths", "Back"))
            .Fit(data);
        _context.Model.Save(new TransformerChain<ITransformer>(model), data.Schema, _path);

        Assert.Equal("Lengths=[3]; Back=CAT\nLengths=[5, 3]; Back=SMALL DOG\nLengths=[]; Back=\n", FreshProcess.Score(_path, "cat", "small dog", ""));
    }

    [Fact]
    public void A_model_of_a_newer_assembly_is_refused()
    {
        _context.Model.Save(_context.Transforms.CopyColumns("Copy", "Text").Fit(Texts("a")), null, _path);
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Update))
        {
            var entry = zip.GetEntry("TransformerChain/Model.key")!;
            using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
            var newer = Regex.Replace(reader.ReadToEnd(), @"Version=\d", "Version=9");
            reader.Dispose();
            using var writer = new StreamWriter(entry.Open(), Encoding.Latin1);
            writer.Write(newer);
        }

        Assert.ThrowsAny<IOException>(() => _context.Model.Load(_path, out _));
    }

    [Fact]
    public void Broken_files_are_errors()
    {
        _context.Model.Save(_context.Transforms.CopyColumns("Copy", "Text").Fit(Texts("a")), null, _path);
        File.WriteAllBytes(_path, File.ReadAllBytes(_path)[..100]);
        Assert.Throws<InvalidDataException>(() => _context.Model.Load(_path, out _));
        using (var zip = new ZipArchive(File.Create(_path), ZipArchiveMode.Create))
        {
            zip.CreateEntry("other");
        }

        Assert.Contains("TransformerChain", Assert.Throws<FormatException>(() => _context.Model.Load(_path, out _)).Message);
    }

    private IDataView Texts(params string[] texts) => _context.Data.LoadFromEnumerable(texts.Select(t => new Shout.Input { Text = t }).ToArray());

    private static string Show(IDataView data) => string.Join("\n", data.Preview().RowView.Select(row => string.Join("; ", row.Values.Select(v => $"{v.Key}={ShowValue(v.Value)}"))));

    private static string ShowValue(object value) => value is VBuffer<float> vector ? string.Join(",", vector.DenseValues()) : value.ToString()!;

    private sealed class Disguised : HandMadeMapper
    {
        private readonly MLContext _context;

        public Disguised(MLContext context)
            : base("Loud", TextDataViewType.Instance, ["Text"]) => _context = context;

        public override void Save(ModelSaveContext ctx)
        {
            var data = _context.Data.LoadFromEnumerable(new List<Shout.Input>());
            var inner = new TransformerChain<ITransformer>(_context.Transforms.CustomMapping<Shout.Input, Shout.Output>(Shout.Map, Shout.Contract).Fit(data));
            ((ICanSaveModel)inner).Save(ctx);
        }

        protected override Delegate MakeGetter(DataViewRow input)
        {
            var text = input.GetGetter<ReadOnlyMemory<char>>(input.Schema["Text"]);
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) =>
            {
                text(ref value);
                value = value.ToString().ToUpperInvariant().AsMemory();
            });
        }
    }
}
