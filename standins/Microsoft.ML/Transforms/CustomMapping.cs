using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>What custom mappings of all types share: reading them from a model file, and getters that map first.</summary>
internal static class CustomMapping
{
    private static readonly MethodInfo s_refreshed = typeof(CustomMapping).GetMethod(nameof(RefreshedAs), BindingFlags.Static | BindingFlags.NonPublic);

    public static Delegate Refreshed(DataViewRow row, DataViewSchema.Column column, Action refresh) =>
        (Delegate)s_refreshed.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column, refresh]);

    private static ValueGetter<T> RefreshedAs<T>(DataViewRow row, DataViewSchema.Column column, Action refresh)
    {
        var getter = row.GetGetter<T>(column);
        return (ref T value) =>
        {
            refresh();
            getter(ref value);
        };
    }

    private static ITransformer Create(IHostEnvironment env, BinaryReader reader)
    {
        var contract = reader.ReadString();
        env.ComponentCatalog.RegisterAssembly(ModelLoadContext.LoadAssembly(reader.ReadString()));
        return env.ComponentCatalog.CreateExtension(typeof(CustomMappingFactoryAttributeAttribute), contract) is ICustomMappingFactory factory
            ? factory.CreateTransformer(contract)
            : throw new InvalidOperationException($"The type with contract '{contract}' must derive from {nameof(CustomMappingFactory<object, object>)}");
    }
}
