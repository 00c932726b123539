using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Which columns of a schema fill which members of a user's type.</summary>
internal sealed class OutputBinding<T>
    where T : class
{
    private static readonly MethodInfo s_makeSetter = typeof(OutputBinding<T>).GetMethod(nameof(MakeSetter), BindingFlags.Static | BindingFlags.NonPublic);
    private readonly List<(DataViewSchema.Column Column, MemberInfo Member)> _pairs = [];

    public OutputBinding(DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        foreach (var bound in BoundColumn.Of(typeof(T), definition, SchemaDefinition.Direction.Write))
        {
            if (schema.GetColumnOrNull(bound.Name) is not { } column)
            {
                if (!ignoreMissingColumns)
                {
                    throw new InvalidOperationException($"Column '{bound.Name}' not found in the data view");
                }
            }
            else if (!MemberValues.Fits(bound.Member.ValueType(), column.Type))
            {
                throw new InvalidOperationException(
                    $"Can't bind the IDataView column '{column.Name}' of type '{column.Type}' to field or property '{bound.Member.Name}' of type '{bound.Member.ValueType()}'.");
            }
            else
            {
                _pairs.Add((column, bound.Member));
            }
        }
    }

    public IEnumerable<DataViewSchema.Column> Columns => _pairs.Select(p => p.Column);

    /// <summary>What fills an object from the row as it stands.</summary>
    public Action<T> FillerFrom(DataViewRow row)
    {
        Action<T>[] setters = [.. _pairs.Select(p => (Action<T>)s_makeSetter.MakeGenericMethod(p.Member.ValueType())
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [row, p.Column, p.Member], null))];
        return target =>
        {
            foreach (var set in setters)
            {
                set(target);
            }
        };
    }

    private static Action<T> MakeSetter<TMember>(DataViewRow row, DataViewSchema.Column column, MemberInfo member)
    {
        var write = MemberValues.Writer<T, TMember>(member);
        var present = MemberValues.Shape(typeof(TMember)).IsVector ? MemberValues.Reader<T, TMember>(member) : _ => default;
        var convert = MemberValues.MemberFrom<TMember>(row, column);
        return target => write(target, convert(present(target)));
    }
}
