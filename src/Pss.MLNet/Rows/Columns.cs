using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Pss.MLNet.Rows;

/// <summary>Finds columns and checks their types.</summary>
internal static class Columns
{
    private const string Keys = "Vector<Key<UInt32>>";
    private const string KeysHint = "map class names with Conversion.MapValueToKey";
    private const string Images = "Image or String";
    private const string ImagesHint = "use a column of image files, or load images with LoadImages";

    public static DataViewSchema.Column Image(DataViewSchema schema, string name)
    {
        var column = Find(schema, name);
        return column.Type is ImageDataViewType or TextDataViewType ? column : throw Mismatch(name, column.Type.ToString()!, Images, ImagesHint);
    }

    public static DataViewSchema.Column Labels(DataViewSchema schema, string name)
    {
        var column = Find(schema, name);
        return column.Type is VectorDataViewType { ItemType: KeyDataViewType key } && key.RawType == typeof(uint)
            ? column : throw Mismatch(name, column.Type.ToString()!, Keys, KeysHint);
    }

    public static DataViewSchema.Column Vector(DataViewSchema schema, string name, PrimitiveDataViewType item)
        => OptionalVector(schema, name, item) ?? throw Missing(name, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    /// <summary>The column, or null if there is none of that name.</summary>
    public static DataViewSchema.Column? OptionalVector(DataViewSchema schema, string name, PrimitiveDataViewType item)
        => schema.GetColumnOrNull(name) is not { } column || (column.Type is VectorDataViewType vector && vector.ItemType.Equals(item))
            ? schema.GetColumnOrNull(name) : throw Mismatch(name, column.Type.ToString()!, $"Vector<{item}>", null);

    public static void CheckImage(SchemaShape shape, string name)
    {
        var column = Find(shape, name);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not (ImageDataViewType or TextDataViewType))
            throw Mismatch(name, Describe(column), Images, ImagesHint);
    }

    public static void CheckVector(SchemaShape shape, string name, PrimitiveDataViewType item, bool isKey)
    {
        var column = Find(shape, name);
        if (column.Kind == SchemaShape.Column.VectorKind.Scalar || column.IsKey != isKey || !column.ItemType.Equals(item))
            throw Mismatch(name, Describe(column), isKey ? Keys : $"Vector<{item}>", isKey ? KeysHint : null);
    }

    /// <summary>The schema shape of columns. Its constructors are not public; EstimatorChain passes one to its estimators.</summary>
    public static SchemaShape Shape(IEnumerable<DataViewSchema.DetachedColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns);
        var probe = new Probe();
        new EstimatorChain<ITransformer>().Append(probe).Fit(new EmptyView(builder.ToSchema()));
        return probe.Seen!;
    }

    /// <summary>The class names of a key column: its key values, or the numbers from 1 if it has none.</summary>
    public static IReadOnlyList<string> ClassNames(DataViewSchema.Column column)
    {
        if (column.HasKeyValues())
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            column.GetKeyValues(ref names);
            return [.. names.DenseValues().Select(name => name.ToString())];
        }
        var key = (KeyDataViewType)((VectorDataViewType)column.Type).ItemType;
        const int limit = 100_000;
        if (key.Count > limit)
            throw new ArgumentOutOfRangeException("inputSchema", $"Column '{column.Name}' has {key.Count} keys without names, but at most {limit} are supported: {KeysHint}.");
        return [.. Enumerable.Range(1, (int)key.Count).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture))];
    }

    private static DataViewSchema.Column Find(DataViewSchema schema, string name)
        => schema.GetColumnOrNull(name) ?? throw Missing(name, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    private static SchemaShape.Column Find(SchemaShape shape, string name)
    {
        foreach (var column in shape)
            if (column.Name == name)
                return column;
        throw Missing(name, shape.Select(column => column.Name));
    }

    private static string Describe(SchemaShape.Column column)
    {
        var item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind == SchemaShape.Column.VectorKind.Scalar ? item : $"Vector<{item}>";
    }

    private static ArgumentOutOfRangeException Missing(string name, IEnumerable<string> present)
        => new("inputSchema", $"Column '{name}' is missing: set its name in the options. The columns are {string.Join(", ", present)}.");

    private static ArgumentOutOfRangeException Mismatch(string name, string found, string required, string? hint)
        => new("inputSchema", $"Column '{name}' has type {found}, but {required} is required{(hint is null ? "" : $": {hint}")}.");

    private sealed class Probe : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
