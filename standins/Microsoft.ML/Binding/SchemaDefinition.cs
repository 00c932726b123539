using System.Reflection;

namespace Microsoft.ML.Data;

public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition(IEnumerable<Column> columns)
        : base(columns)
    {
    }

    public Column this[string columnName]
    {
        get => Find(c => c.ColumnName == columnName)
            ?? throw new ArgumentOutOfRangeException(nameof(columnName), $"Column '{columnName}' not found");
        set => this[FindIndex(c => c.ColumnName == columnName)] = value;
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public;
        IEnumerable<MemberInfo> fields = userType.GetFields(Instance);
        var properties = userType.GetProperties(Instance).Where(p =>
            p.GetIndexParameters().Length == 0
            && (!direction.HasFlag(Direction.Read) || p.GetMethod?.IsPublic == true)
            && (!direction.HasFlag(Direction.Write) || p.SetMethod?.IsPublic == true));
        var definition = new SchemaDefinition(
            fields.Concat(properties).Where(m => !m.IsDefined(typeof(NoColumnAttribute))).Select(m => Column.Of(m)));
        return definition.GroupBy(c => c.ColumnName).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new ArgumentException($"Duplicate column name '{twice.Key}' detected, this is disallowed", nameof(userType))
            : definition;
    }

    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();

        private Column(string memberName, string columnName, DataViewType columnType)
        {
            MemberName = memberName;
            ColumnName = columnName;
            ColumnType = columnType;
        }

        internal string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        internal DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            _annotations.Add(kind, annotationType, MemberValues.GetterFrom(() => value));

        internal void Add(DataViewSchema.Annotations annotations) => _annotations.Add(annotations, _ => true);

        internal static Column Of(MemberInfo member)
        {
            var attributes = member.GetCustomAttributes().ToArray();
            if (attributes.OfType<DataViewTypeAttribute>().Skip(1).Any())
            {
                throw new ArgumentException($"Member {member.Name} cannot be marked with several attributes derived from {nameof(DataViewTypeAttribute)}");
            }

            attributes.OfType<DataViewTypeAttribute>().SingleOrDefault()?.Register();
            var (isVector, itemType) = MemberValues.Shape(member.ValueType());
            var name = attributes.OfType<ColumnNameAttribute>().SingleOrDefault()?.ColumnName ?? member.Name;
            return new Column(member.Name, name, DataViewTypeManager.Find(itemType, attributes) ?? TypeOf(member, isVector, itemType, attributes));
        }

        private static DataViewType TypeOf(MemberInfo member, bool isVector, Type itemType, Attribute[] attributes)
        {
            var primitive = ColumnTypes.FromPrimitive(itemType)
                ?? throw new ArgumentException($"Could not determine an IDataView type and registered custom types for member {member.Name}");
            if (attributes.OfType<KeyTypeAttribute>().SingleOrDefault() is { } key)
            {
                primitive = new KeyDataViewType(itemType, key.Count ?? KeyDataViewType.MaxCount(itemType));
            }

            var vector = attributes.OfType<VectorTypeAttribute>().SingleOrDefault();
            if (vector is not null && !isVector)
            {
                throw new ArgumentException($"Member {member.Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
            }

            return !isVector ? primitive : vector?.Dimensions is { Length: > 0 } dimensions ? new VectorDataViewType(primitive, dimensions) : new VectorDataViewType(primitive);
        }
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }
}
