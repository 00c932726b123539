using System.Reflection;

namespace Microsoft.ML.Runtime;

public sealed class ComponentCatalog
{
    private readonly object _gate = new();
    private readonly HashSet<Assembly> _assemblies = [];
    private readonly Dictionary<(Type Attribute, string Contract), Type> _extensions = [];

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_gate)
        {
            if (!_assemblies.Add(assembly))
            {
                return;
            }

            foreach (var type in assembly.GetTypes())
            {
                foreach (var attribute in type.GetCustomAttributes<ExtensionBaseAttribute>())
                {
                    if (!_extensions.TryAdd((attribute.GetType(), attribute.ContractName), type) && throwOnError)
                    {
                        throw new ArgumentException(
                            $"Two types for the contract '{attribute.ContractName}': {_extensions[(attribute.GetType(), attribute.ContractName)]} and {type}", nameof(assembly));
                    }
                }
            }
        }
    }

    internal object CreateExtension(Type attribute, string contract)
    {
        lock (_gate)
        {
            return _extensions.TryGetValue((attribute, contract), out var type)
                ? Activator.CreateInstance(type)
                : throw new InvalidOperationException($"No type with [{attribute.Name}(\"{contract}\")] is registered");
        }
    }
}
