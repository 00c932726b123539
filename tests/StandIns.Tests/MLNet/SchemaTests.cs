using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace StandIns.Tests.MLNet;

public sealed class SchemaTests
{
    [Fact]
    public void The_last_column_of_a_name_hides_the_others()
    {
        var schema = Schema(("A", NumberDataViewType.Single), ("B", TextDataViewType.Instance), ("A", NumberDataViewType.Int32));

        Assert.Equal([true, false, false], schema.Select(c => c.IsHidden));
        Assert.Equal(2, schema["A"].Index);
        Assert.Equal(1, schema.GetColumnOrNull("B")?.Index);
        Assert.Null(schema.GetColumnOrNull("C"));
        Assert.Contains("'C'", Assert.Throws<ArgumentOutOfRangeException>(() => schema["C"]).Message);
    }

    [Fact]
    public void Annotations_are_read_by_their_own_type_only()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.AddPrimitiveValue("Size", NumberDataViewType.Int32, 7);
        builder.Add("Names", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> dst) => dst = new(2, [.. Texts("x", "y")]));
        var annotations = builder.ToAnnotations();

        var size = 0;
        annotations.GetValue("Size", ref size);
        Assert.Equal(7, size);
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        annotations.GetValue("Names", ref names);
        Assert.Equal(["x", "y"], names.DenseValues().Select(n => n.ToString()));
        var wrong = 0f;
        Assert.Throws<InvalidOperationException>(() => annotations.GetValue("Size", ref wrong));
        Assert.Throws<InvalidOperationException>(() => annotations.GetValue("Other", ref wrong));
        Assert.Throws<ArgumentException>(() => builder.Add("Bad", TextDataViewType.Instance, (ref int dst) => dst = 1));
        Assert.Empty(DataViewSchema.Annotations.Empty.Schema);
    }

    [Fact]
    public void Annotations_can_be_taken_over_by_name()
    {
        var source = new DataViewSchema.Annotations.Builder();
        source.AddPrimitiveValue("A", NumberDataViewType.Int32, 1);
        source.AddPrimitiveValue("B", NumberDataViewType.Int32, 2);
        var target = new DataViewSchema.Annotations.Builder();
        target.Add(source.ToAnnotations(), name => name == "B");

        Assert.Equal(["B"], target.ToAnnotations().Schema.Select(c => c.Name));
    }

    [Fact]
    public void Columns_can_be_taken_over_from_another_schema()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add("Size", NumberDataViewType.Int32, (Delegate)new ValueGetter<int>((ref int size) => size = 5));
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single, annotations.ToAnnotations());
        var first = builder.ToSchema();
        DataViewSchema.DetachedColumn detached = new(first["A"]), renamed = new("B", detached.Type, detached.Annotations);
        builder.AddColumns([renamed]);
        builder.AddColumns(first);
        var schema = builder.ToSchema();

        Assert.Equal([detached.Name, "B", "A"], schema.Select(c => c.Name));
        var size = 0;
        var taken = schema["B"].Annotations;
        taken.GetGetter<int>(taken.Schema["Size"])(ref size);
        Assert.Equal(5, size);
    }

    [Fact]
    public void Keys_and_vectors_are_equal_by_value_and_numbers_by_reference()
    {
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 3UL));
        Assert.NotEqual(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 4));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2, 3), new VectorDataViewType(NumberDataViewType.Single, 2, 3));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 6), new VectorDataViewType(NumberDataViewType.Single, 2, 3));
        Assert.False(NumberDataViewType.Single.Equals(NumberDataViewType.Double));
        Assert.False(new VectorDataViewType(NumberDataViewType.Single).IsKnownSize);
        Assert.Equal(6, new VectorDataViewType(NumberDataViewType.Single, 2, 3).Size);
        Assert.Equal([2, 3], [.. new VectorDataViewType(NumberDataViewType.Single, 2, 3).Dimensions]);
        Assert.Equal(3UL, new KeyDataViewType(typeof(byte), 3).Count);
        Assert.Equal(typeof(VBuffer<uint>), new VectorDataViewType(new KeyDataViewType(typeof(uint), 3)).RawType);
        Assert.Throws<ArgumentException>(() => new KeyDataViewType(typeof(int), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0));
    }

    [Fact]
    public void A_schema_shape_has_no_door_for_a_third_party()
    {
        Assert.Empty(typeof(SchemaShape.Column).GetConstructors());
        Assert.Null(typeof(SchemaShape).GetMethod("Create"));
        Assert.DoesNotContain(typeof(RowToRowTransformerBase).GetConstructors(Hidden), c => c.IsFamily);
        Assert.DoesNotContain(typeof(TrivialEstimator<>).GetConstructors(Hidden), c => c.IsFamily);
        Assert.Equal(["Dispose"], typeof(ModelSaveContext).GetMethods(Declared).Select(m => m.Name));
    }

    [Fact]
    public void A_type_is_registered_once_and_the_same_again_any_number_of_times()
    {
        DataViewTypeManager.Register(new PictureType(), typeof(Picture));
        DataViewTypeManager.Register(new PictureType(), typeof(Picture));

        Assert.Throws<ArgumentException>(() => DataViewTypeManager.Register(new OtherType(), typeof(Picture)));
        Assert.Throws<ArgumentException>(() => DataViewTypeManager.Register(new PictureType(), typeof(SchemaTests)));
        Assert.Throws<ArgumentException>(() => DataViewTypeManager.Register(new OtherType(), typeof(float)));
    }

    private const System.Reflection.BindingFlags Hidden = System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic;
    private const System.Reflection.BindingFlags Declared =
        System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.DeclaredOnly;

    private static DataViewSchema Schema(params (string Name, DataViewType Type)[] columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var (name, type) in columns)
        {
            builder.AddColumn(name, type);
        }

        return builder.ToSchema();
    }

    private static IEnumerable<ReadOnlyMemory<char>> Texts(params string[] texts) => texts.Select(t => t.AsMemory());

    private sealed class OtherType() : StructuredDataViewType(typeof(Picture))
    {
        public override bool Equals(DataViewType? other) => ReferenceEquals(this, other);
    }
}
