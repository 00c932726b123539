using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>A member of a user's type and the column that it stands for.</summary>
internal sealed record BoundColumn(string Name, DataViewType Type, MemberInfo Member, DataViewSchema.Annotations Annotations)
{
    /// <summary>The columns of a user's type, as a definition (or, without one, as its members and attributes) has them.</summary>
    public static BoundColumn[] Of(Type userType, SchemaDefinition definition, SchemaDefinition.Direction direction) =>
        [.. (definition ?? SchemaDefinition.Create(userType, direction)).Select(c => Of(userType, c))];

    /// <summary>The definition that gives the members of a type the column types of a schema.</summary>
    public static SchemaDefinition Define(Type userType, DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(userType, SchemaDefinition.Direction.Read);
        foreach (var column in schema)
        {
            var member = definition.Find(c => c.ColumnName == column.Name)
                ?? throw new InvalidOperationException($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.Add(column.Annotations);
        }

        return definition;
    }

    public static DataViewSchema SchemaOf(IEnumerable<BoundColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns.Select(c => new DataViewSchema.DetachedColumn(c.Name, c.Type, c.Annotations)));
        return builder.ToSchema();
    }

    private static BoundColumn Of(Type userType, SchemaDefinition.Column column)
    {
        MemberInfo member = (MemberInfo)userType.GetProperty(column.MemberName) ?? userType.GetField(column.MemberName)
            ?? throw new ArgumentException($"No field or property with name '{column.MemberName}' found in type '{userType}'");
        var type = column.ColumnType ?? throw new ArgumentException($"Column '{column.ColumnName}' has no type");
        return MemberValues.Fits(member.ValueType(), type)
            ? new BoundColumn(column.ColumnName ?? column.MemberName, type, member, column.Annotations)
            : throw new ArgumentException($"Column '{column.ColumnName}' is supposed to be {type}, but the member '{member.Name}' is a {member.ValueType()}");
    }
}
