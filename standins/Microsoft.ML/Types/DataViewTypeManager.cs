namespace Microsoft.ML.Data;

public static class DataViewTypeManager
{
    private static readonly object s_gate = new();
    private static readonly Dictionary<TypeKey, DataViewType> s_columnTypes = [];
    private static readonly Dictionary<DataViewType, TypeKey> s_memberTypes = [];

    public static void Register(DataViewType dataViewType, Type type, DataViewTypeAttribute typeAttribute = null)
    {
        lock (s_gate)
        {
            if (ColumnTypes.FromPrimitive(type) is not null || type == typeof(string))
            {
                throw new ArgumentException($"Type {type} is one of ML.NET's own types and cannot be registered again", nameof(type));
            }

            var key = new TypeKey(type, typeAttribute);
            var known = s_columnTypes.GetValueOrDefault(key);
            if (known is not null && !known.Equals(dataViewType))
            {
                throw new ArgumentException($"Type {type} is registered already, as {known}: it cannot be {dataViewType} too", nameof(type));
            }

            if (s_memberTypes.TryGetValue(dataViewType, out var other) && other != key)
            {
                throw new ArgumentException($"{dataViewType} is registered already, for the type {other.Type}", nameof(dataViewType));
            }

            s_columnTypes[key] = known ?? dataViewType;
            s_memberTypes[dataViewType] = key;
        }
    }

    /// <summary>The type registered for a member's type and attribute, or null.</summary>
    internal static DataViewType Find(Type type, IEnumerable<Attribute> attributes)
    {
        lock (s_gate)
        {
            return s_columnTypes.GetValueOrDefault(new TypeKey(type, attributes.OfType<DataViewTypeAttribute>().SingleOrDefault()));
        }
    }

    private readonly record struct TypeKey(Type Type, DataViewTypeAttribute Attribute);
}
