using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class BindingTests
{
    private readonly MLContext _context = new(1);

    [Fact]
    public void Members_become_columns_as_their_attributes_say()
    {
        var schema = _context.Data.LoadFromEnumerable(new List<Row>()).Schema;

        Assert.Equal(["Field", "Text", "Renamed", "Variable", "Fixed", "Words", "Key", "Buffer", "Yes", "Id"], schema.Select(c => c.Name));
        Assert.Equal(
            ["Int64", "String", "Single", "Vector<Single>", "Vector<Single, 2, 2>", "Vector<String>", "Key<UInt32, 0-4>", "Vector<Byte>", "Boolean", "DataViewRowId"],
            schema.Select(c => c.Type.ToString()));
    }

    [Fact]
    public void Every_primitive_type_has_a_column_type()
    {
        PrimitiveDataViewType[] types =
        [
            NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32, NumberDataViewType.UInt32,
            NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
            BooleanDataViewType.Instance, TextDataViewType.Instance, RowIdDataViewType.Instance,
        ];

        Assert.Equal(types, types.Select(t => Assert.Single(SchemaDefinition.Create(typeof(One<>).MakeGenericType(t.RawType))).ColumnType));
    }

    [Fact]
    public void A_key_without_a_count_takes_the_most_that_its_number_holds()
    {
        var type = Assert.Single(SchemaDefinition.Create(typeof(Keys))).ColumnType;

        Assert.Equal(new VectorDataViewType(new KeyDataViewType(typeof(ushort), ushort.MaxValue)), type);
    }

    [Fact]
    public void Rows_come_back_as_they_went_in()
    {
        var row = new Row
        {
            Field = 3,
            Text = "t",
            Number = 1.5f,
            Variable = [1, 2, 3],
            Fixed = [1, 2, 3, 4],
            Words = ["a", "b"],
            Key = 2,
            Buffer = new(4, 1, [9], [2]),
            Yes = true,
            Id = new(1, 2),
            Hidden = "not a column",
        };
        var back = Assert.Single(_context.Data.CreateEnumerable<Row>(_context.Data.LoadFromEnumerable([row]), reuseRowObject: false));

        Assert.Equal((3, "t", 1.5f, 2u, true, new(1, 2), null), (back.Field, back.Text, back.Number, back.Key, back.Yes, back.Id, back.Hidden));
        Assert.Equal(row.Variable, back.Variable);
        Assert.NotSame(row.Variable, back.Variable);
        Assert.Equal(row.Fixed, back.Fixed);
        Assert.Equal(row.Words, back.Words);
        Assert.Equal([0, 0, 9, 0], back.Buffer.DenseValues());
    }

    [Fact]
    public void A_vector_without_values_leaves_an_array_null_unless_it_was_made_before()
    {
        var data = _context.Data.LoadFromEnumerable(new Vector[] { new() { Values = [1] }, new() { Values = [] } });

        Assert.Null(_context.Data.CreateEnumerable<Vector>(data, reuseRowObject: false).Last().Values);
        Assert.Empty(_context.Data.CreateEnumerable<MadeVector>(data, reuseRowObject: false).Last().Values);
        Assert.Empty(_context.Data.CreateEnumerable<Vector>(data, reuseRowObject: true).Last().Values!);
        Assert.Empty(data.GetColumn<float[]>("Values").Last());
    }

    [Fact]
    public void One_object_is_served_again_and_again_only_on_request()
    {
        var data = _context.Data.LoadFromEnumerable(new Vector[] { new() { Values = [1] }, new() { Values = [2] } });

        Assert.Single(_context.Data.CreateEnumerable<Vector>(data, reuseRowObject: true).ToArray().Distinct());
        Assert.Equal([1, 2], _context.Data.CreateEnumerable<Vector>(data, reuseRowObject: false).ToArray().Select(v => v.Values![0]));
    }

    [Fact]
    public void Missing_columns_are_ignored_only_on_request_and_wrong_types_never()
    {
        var data = _context.Data.LoadFromEnumerable(new Vector[] { new() { Values = [1] } });

        Assert.Contains("'Other'", Assert.Throws<InvalidOperationException>(() => _context.Data.CreateEnumerable<OtherName>(data, false)).Message);
        Assert.Null(_context.Data.CreateEnumerable<OtherName>(data, false, ignoreMissingColumns: true).Single().Other);
        var message = Assert.Throws<InvalidOperationException>(() => _context.Data.CreateEnumerable<WrongType>(data, false, ignoreMissingColumns: true)).Message;
        Assert.Contains("'Values'", message);
        Assert.Contains("Vector<Single>", message);
    }

    [Fact]
    public void Getters_are_strict_about_type_and_activity()
    {
        var data = _context.Data.LoadFromEnumerable(new List<Row> { new() });
        using var cursor = data.GetRowCursor([data.Schema["Key"], data.Schema["Text"]]);

        Assert.IsType<ValueGetter<uint>>(cursor.GetGetter<uint>(data.Schema["Key"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(data.Schema["Key"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<string>(data.Schema["Text"]));
        Assert.False(cursor.IsColumnActive(data.Schema["Field"]));
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<long>(data.Schema["Field"]));
    }

    [Fact]
    public void A_definition_can_change_name_type_and_annotations()
    {
        var definition = SchemaDefinition.Create(typeof(Vector));
        definition["Values"].ColumnName = "Scores";
        definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition[0].AddAnnotation("SlotNames", new[] { "x", "y" }, new VectorDataViewType(TextDataViewType.Instance, 2));
        var column = Assert.Single(_context.Data.LoadFromEnumerable(new List<Vector>(), definition).Schema);

        Assert.Equal(("Scores", "Vector<Single, 2>"), (column.Name, column.Type.ToString()));
        Assert.True(column.HasSlotNames());
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref names);
        Assert.Equal(["x", "y"], names.DenseValues().Select(n => n.ToString()));
        definition[0].ColumnType = NumberDataViewType.Single;
        Assert.Throws<ArgumentException>(() => _context.Data.LoadFromEnumerable(new List<Vector>(), definition));
    }

    [Fact]
    public void A_schema_gives_members_the_types_of_its_columns()
    {
        var keys = _context.Data.LoadFromEnumerable(new List<Row>()).Schema["Key"];
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Key", new KeyDataViewType(typeof(uint), 9), keys.Annotations);

        Assert.Equal("Key<UInt32, 0-8>", _context.Data.LoadFromEnumerable(new List<Row>(), builder.ToSchema()).Schema["Key"].Type.ToString());
        builder.AddColumn("Nowhere", NumberDataViewType.Single);
        Assert.Throws<InvalidOperationException>(() => _context.Data.LoadFromEnumerable(new List<Row>(), builder.ToSchema()));
    }

    [Fact]
    public void A_type_unknown_to_the_library_is_refused_by_the_member_s_name()
    {
        Assert.Contains("Page", Assert.Throws<ArgumentException>(() => _context.Data.LoadFromEnumerable(new List<Unknown>())).Message);
        Assert.Contains("Same", Assert.Throws<ArgumentException>(() => _context.Data.LoadFromEnumerable(new List<Twice>())).Message);
    }

    [Fact]
    public void An_attribute_registers_the_type_that_its_member_has()
    {
        var data = _context.Data.LoadFromEnumerable(new[] { new WithStamp { Stamp = new(7) } });

        Assert.IsType<StampType>(data.Schema["Stamp"].Type);
        Assert.Equal(7, _context.Data.CreateEnumerable<WithStamp>(data, false).Single().Stamp!.Number);
    }

    private sealed class Row
    {
        public long Field;

        public string? Text { get; set; }

        [ColumnName("Renamed")]
        public float Number { get; set; }

        public float[]? Variable { get; set; }

        [VectorType(2, 2)]
        public float[]? Fixed { get; set; }

        public string[]? Words { get; set; }

        [KeyType(5)]
        public uint Key { get; set; }

        public VBuffer<byte> Buffer { get; set; }

        public bool Yes { get; set; }

        public DataViewRowId Id { get; set; }

        [NoColumn]
        public string? Hidden { get; set; }
    }

    private sealed class One<T>
    {
        public T? Value { get; set; }
    }

    private sealed class Keys
    {
        [KeyType]
        [VectorType]
        public ushort[] Values { get; set; } = [];
    }

    private sealed class Vector
    {
        public float[]? Values { get; set; }
    }

    private sealed class MadeVector
    {
        public float[] Values { get; set; } = [];
    }

    private sealed class OtherName
    {
        public string? Other { get; set; }
    }

    private sealed class WrongType
    {
        public float Values { get; set; }
    }

    private sealed class Unknown
    {
        public Uri? Page { get; set; }
    }

    private sealed class Twice
    {
        public float Same { get; set; }

        [ColumnName("Same")]
        public float Again { get; set; }
    }

    private sealed record Stamp(int Number);

    private sealed class WithStamp
    {
        [Stamped]
        public Stamp? Stamp { get; set; }
    }

    private sealed class StampType() : StructuredDataViewType(typeof(Stamp))
    {
        public override bool Equals(DataViewType? other) => other is StampType;

        public override bool Equals(object? obj) => obj is StampType;

        public override int GetHashCode() => 1;
    }

    private sealed class StampedAttribute : DataViewTypeAttribute
    {
        public override void Register() => DataViewTypeManager.Register(new StampType(), typeof(Stamp), this);

        public override bool Equals(DataViewTypeAttribute? other) => other is StampedAttribute;

        public override int GetHashCode() => 2;
    }
}
