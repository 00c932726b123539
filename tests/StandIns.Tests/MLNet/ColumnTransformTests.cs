using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class ColumnTransformTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void Copies_carry_type_annotations_and_images()
    {
        PictureType.Register();
        var data = _context.Data.LoadFromEnumerable(new[] { new Seen { Picture = new("p") } });
        var copied = Fit(_context.Transforms.CopyColumns("Copy", "Picture"), data);

        Assert.IsType<PictureType>(copied.Schema["Copy"].Type);
        Assert.Same(copied.GetColumn<Picture>("Picture").Single(), copied.GetColumn<Picture>("Copy").Single());
        var keys = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Name"), Names("a"));
        Assert.True(Fit(_context.Transforms.CopyColumns("Copy", "Key"), keys).Schema["Copy"].HasKeyValues());
        Assert.Contains("'None'", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_context.Transforms.CopyColumns("Copy", "None"), data)).Message);
    }

    [Fact]
    public void Selecting_orders_columns_and_dropping_takes_hidden_ones_along()
    {
        var data = Names("a");
        var hidden = Fit(_context.Transforms.CopyColumns("Name", "Names"), data);

        Assert.Equal(["Names", "Name"], Visible(Fit(_context.Transforms.SelectColumns("Names", "Name"), data)));
        Assert.Single(Fit(_context.Transforms.SelectColumns("Name"), hidden).Schema);
        Assert.Equal(2, Fit(_context.Transforms.SelectColumns(["Name"], keepHidden: true), hidden).Schema.Count);
        Assert.Equal(["Names"], Fit(_context.Transforms.DropColumns("Name"), hidden).Schema.Select(c => c.Name));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_context.Transforms.DropColumns("None"), data));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_context.Transforms.SelectColumns("None"), data));
        Assert.Equal(["a"], Fit(_context.Transforms.SelectColumns("Name"), data).GetColumn<string>("Name"));
    }

    [Fact]
    public void Values_become_keys_in_order_of_occurrence_from_one_on()
    {
        var keys = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Name"), Names("dog", "cat", "dog", ""));

        Assert.Equal("Key<UInt32, 0-1>", keys.Schema["Key"].Type.ToString());
        Assert.Equal([1u, 2u, 1u, 0u], keys.GetColumn<uint>("Key"));
        Assert.Equal(["dog", "cat"], KeyValues(keys.Schema["Key"]));
        Assert.Equal(["dog", "cat", "dog", ""], Fit(_context.Transforms.Conversion.MapKeyToValue("Key"), keys).GetColumn<string>("Key"));
    }

    [Fact]
    public void Keys_can_be_sorted_limited_and_given()
    {
        var data = Names("dog", "cat", "bird");
        var sorted = _context.Transforms.Conversion.MapValueToKey("Key", "Name", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
        Assert.Equal(["bird", "cat", "dog"], KeyValues(Fit(sorted, data).Schema["Key"]));

        var limited = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Name", maximumNumberOfKeys: 2), data);
        Assert.Equal([1u, 2u, 0u], limited.GetColumn<uint>("Key"));

        var given = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: One("cat", "fish", "bird")), data);
        Assert.Equal([0u, 1u, 3u], given.GetColumn<uint>("Key"));
        Assert.Equal(["cat", "fish", "bird"], KeyValues(given.Schema["Key"]));
        Assert.Throws<ArgumentException>(() => _context.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: data));
        var numbers = _context.Data.LoadFromEnumerable(new[] { new Number { Value = 1 } });
        Assert.Throws<ArgumentException>(() => Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Name", keyData: numbers), data));
    }

    [Fact]
    public void A_vector_of_names_becomes_a_vector_of_keys_and_back()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Named { Names = ["b", "a"] }, new Named { Names = [] }, new Named { Names = ["a", "?"] } });
        var keys = Fit(_context.Transforms.Conversion.MapValueToKey("Keys", "Names", keyData: One("a", "b")), data);

        Assert.Equal("Vector<Key<UInt32, 0-1>>", keys.Schema["Keys"].Type.ToString());
        Assert.True(keys.Schema["Keys"].HasKeyValues());
        Assert.Equal([[2u, 1u], [], [1u, 0u]], keys.GetColumn<uint[]>("Keys"));
        var back = Fit(_context.Transforms.Conversion.MapKeyToValue("Back", "Keys"), keys);
        Assert.Equal([["b", "a"], [], ["a", ""]], back.GetColumn<string[]>("Back"));
    }

    [Fact]
    public void Several_columns_are_mapped_at_once()
    {
        InputOutputColumnPair first = new("First", "Name"), second = new("Names");
        var keys = Fit(_context.Transforms.Conversion.MapValueToKey([first, second]), Names("a", "b"));
        var back = Fit(_context.Transforms.Conversion.MapKeyToValue([new InputOutputColumnPair("Back", first.OutputColumnName), second]), keys);

        Assert.Equal(("Name", "Names"), (first.InputColumnName, second.InputColumnName));
        Assert.Equal([1u, 2u], keys.GetColumn<uint>("First"));
        Assert.Equal(["a", "b"], back.GetColumn<string>("Back"));
        Assert.Equal([["x", "z"], ["x", "z"]], back.GetColumn<string[]>("Names"));
    }

    [Fact]
    public void Numbers_become_keys_too_and_their_names_text_on_request()
    {
        var data = _context.Data.LoadFromEnumerable(new float[] { 2.5f, float.NaN, 1 }.Select(v => new Number { Value = v }));
        var keys = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Value"), data);
        Assert.Equal([1u, 0u, 2u], keys.GetColumn<uint>("Key"));
        Assert.False(keys.Schema["Key"].HasKeyValues());
        Assert.True(keys.Schema["Key"].HasKeyValues(NumberDataViewType.Single));
        Assert.Equal([2.5f, float.NaN, 1f], Fit(_context.Transforms.Conversion.MapKeyToValue("Key"), keys).GetColumn<float>("Key"));

        var text = Fit(_context.Transforms.Conversion.MapValueToKey("Key", "Value", addKeyValueAnnotationsAsText: true), data);
        Assert.Equal(["2.5", "1"], KeyValues(text.Schema["Key"]));
    }

    [Fact]
    public void Keys_without_values_cannot_be_mapped_back()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new Keyed { Key = 1, Value = 2 } });
        var chained = _context.Transforms.CopyColumns("Copy", "Key").Append(_context.Transforms.Conversion.MapKeyToValue("Copy"));

        Assert.Contains("'Copy'", Assert.Throws<ArgumentException>(() => chained.Fit(data)).Message);
        Assert.Contains("'Key'", Assert.Throws<InvalidOperationException>(() => _context.Transforms.Conversion.MapKeyToValue("Key").Fit(data)).Message);
        Assert.Contains(
            "expected key type, got UInt32",
            Assert.Throws<ArgumentOutOfRangeException>(() => _context.Transforms.CopyColumns("x", "Value").Append(_context.Transforms.Conversion.MapKeyToValue("Value")).Fit(data)).Message);
    }

    [Fact]
    public void Values_are_mapped_to_values_and_to_arrays()
    {
        var data = Names("a", "b", "?");
        var scalar = Fit(_context.Transforms.Conversion.MapValue("Out", new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, "Name"), data);
        Assert.Equal([1, 2, 0], scalar.GetColumn<int>("Out"));

        KeyValuePair<string, float[]>[] arrays = [new("a", [1, 2]), new("b", [3, 4])];
        var vector = Fit(_context.Transforms.Conversion.MapValue("Out", arrays, "Name"), data);
        Assert.Equal("Vector<Single, 2>", vector.Schema["Out"].Type.ToString());
        Assert.Equal([[1, 2], [3, 4], []], vector.GetColumn<float[]>("Out"));

        var items = Fit(_context.Transforms.Conversion.MapValue("Out", new Dictionary<string, string> { ["x"] = "y" }, "Names"), data);
        Assert.Equal(["y", ""], items.GetColumn<string[]>("Out").First());
        Assert.Throws<NotSupportedException>(() => Fit(_context.Transforms.Conversion.MapValue("Out", arrays, "Names"), data));
        var wrong = Assert.Throws<ArgumentOutOfRangeException>(() => Fit(_context.Transforms.Conversion.MapValue("Out", new Dictionary<int, int> { [1] = 1 }, "Name"), data));
        Assert.Contains("expected Int32, got String", wrong.Message);
    }

    private static IDataView Fit(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    private static IEnumerable<string> Visible(IDataView data) => data.Schema.Where(c => !c.IsHidden).Select(c => c.Name);

    private static string[] KeyValues(DataViewSchema.Column column)
    {
        var values = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetKeyValues(ref values);
        return [.. values.DenseValues().Select(v => v.ToString())];
    }

    private IDataView Names(params string[] names) => _context.Data.LoadFromEnumerable(names.Select(n => new Named { Name = n, Names = ["x", "z"] }).ToArray());

    private IDataView One(params string[] terms) => _context.Data.LoadFromEnumerable(terms.Select(t => new Term { Text = t }).ToArray());

    private sealed class Named
    {
        public string Name { get; set; } = "";

        public string[] Names { get; set; } = [];
    }

    private sealed class Term
    {
        public string Text { get; set; } = "";
    }

    private sealed class Number
    {
        public float Value { get; set; }
    }

    private sealed class Keyed
    {
        [KeyType(3)]
        public uint Key { get; set; }

        public uint Value { get; set; }
    }

    private sealed class Seen
    {
        public Picture? Picture { get; set; }
    }
}
