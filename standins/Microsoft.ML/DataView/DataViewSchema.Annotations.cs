using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed partial class DataViewSchema
{
    public sealed class Annotations
    {
        private readonly Delegate[] _getters;

        // No initialiser of a static property: DataViewSchema and this class would wait for each other.
        private static Annotations s_empty;

        private Annotations(DataViewSchema schema, Delegate[] getters)
        {
            Schema = schema;
            _getters = getters;
        }

        public static Annotations Empty => s_empty ??= new(new DataViewSchema([]), []);

        public DataViewSchema Schema { get; }

        public ValueGetter<TValue> GetGetter<TValue>(Column column) =>
            GetGetterDelegate(column) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"Invalid TValue: '{typeof(TValue)}' for the annotation '{column.Name}' of type {column.Type}");

        public void GetValue<TValue>(string kind, ref TValue value)
        {
            var column = Schema.GetColumnOrNull(kind) ?? throw new InvalidOperationException("Invalid call to 'GetAnnotation'");
            GetGetter<TValue>(column)(ref value);
        }

        public override string ToString() => $"[{string.Join(", ", Schema.Select(c => c.ToString()))}]";

        internal Delegate GetGetterDelegate(Column column) => _getters[column.Index];

        public sealed class Builder
        {
            private readonly DataViewSchema.Builder _schema = new();
            private readonly List<Delegate> _getters = [];

            public void Add<TValue>(string name, DataViewType type, ValueGetter<TValue> getter, Annotations annotations = null) =>
                Add(name, type, (Delegate)getter, annotations);

            public void Add(string name, DataViewType type, Delegate getter, Annotations annotations = null)
            {
                ArgumentNullException.ThrowIfNull(getter);
                var expected = typeof(ValueGetter<>).MakeGenericType(type.RawType);
                if (getter.GetType() != expected)
                {
                    throw new ArgumentException($"Delegate of type {getter.GetType()} does not fit the type {type}", nameof(getter));
                }

                _schema.AddColumn(name, type, annotations);
                _getters.Add(getter);
            }

            public void AddPrimitiveValue<TValue>(string name, PrimitiveDataViewType type, TValue value, Annotations annotations = null) =>
                Add(name, type, (ref TValue dst) => dst = value, annotations);

            public void Add(Annotations annotations, Func<string, bool> selector)
            {
                foreach (var column in annotations?.Schema.Where(c => selector(c.Name)) ?? [])
                {
                    Add(column.Name, column.Type, annotations.GetGetterDelegate(column), column.Annotations);
                }
            }

            public Annotations ToAnnotations() => new(_schema.ToSchema(), [.. _getters]);
        }
    }
}
