using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns) => _columns = [.. columns];

    public int Count => _columns.Length;

    public Column this[int index] => _columns[index];

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SchemaShape Create(DataViewSchema schema) => new(
        schema.Where(c => !c.IsHidden).Select(c => Column.Of(c.Name, c.Type, new SchemaShape(c.Annotations.Schema.Select(a => Column.Of(a.Name, a.Type))))));

    internal Column? Find(string name) => Array.FindIndex(_columns, c => c.Name == name) is >= 0 and var at ? _columns[at] : null;

    internal Column Require(string name) => Find(name) ?? throw Runtime.Errors.MissingColumn("inputSchema", name);

    /// <summary>With a column put in the place of the one of its name, or added.</summary>
    internal SchemaShape With(Column column) => Find(column.Name) is null
        ? new([.. _columns, column])
        : new(_columns.Select(c => c.Name == column.Name ? column : c));

    public struct Column
    {
        public readonly string Name;

        public readonly VectorKind Kind;

        public readonly DataViewType ItemType;

        public readonly bool IsKey;

        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape annotations = null)
        {
            Name = name;
            Kind = vecKind;
            ItemType = itemType;
            IsKey = isKey;
            Annotations = annotations ?? new SchemaShape([]);
        }

        /// <summary>A key's item type is the number that it is stored in.</summary>
        internal static Column Of(string name, DataViewType type, SchemaShape annotations = null)
        {
            var item = type.ItemType();
            var kind = type is not VectorDataViewType vector ? VectorKind.Scalar : vector.IsKnownSize ? VectorKind.Vector : VectorKind.VariableVector;
            return new Column(name, kind, item is KeyDataViewType ? ColumnTypes.FromPrimitive(item.RawType) : item, item is KeyDataViewType, annotations);
        }

        internal string GetTypeString()
        {
            var item = IsKey ? $"Key<{ItemType}>" : ItemType.ToString();
            return Kind switch { VectorKind.Vector => $"Vector<{item}>", VectorKind.VariableVector => $"VarVector<{item}>", _ => item };
        }

        public enum VectorKind
        {
            Scalar,
            Vector,
            VariableVector,
        }
    }
}
