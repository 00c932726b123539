using System.Reflection;
using System.Reflection.Emit;

namespace Pss.Engine.Tests;

/// <summary>The engine's namespaces build on each other in one direction, so that a part can be read and changed without the parts above it.</summary>
public sealed class NamespaceTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    [Fact]
    public void No_namespace_depends_on_one_that_depends_on_it()
    {
        var edges = Edges(typeof(TorchRuntime).Assembly);
        Assert.Contains(edges.Keys, edge => edge is { From: "Pss.Engine.Inference", To: "Pss.Engine.Boxes" });
        var cycles = Cycles(edges.Keys.ToHashSet());
        Assert.True(cycles.Count == 0, string.Join('\n', cycles.Select(cycle =>
            string.Join('\n', edges.Where(edge => cycle.Contains(edge.Key.From) && cycle.Contains(edge.Key.To)).Select(edge => $"{edge.Key.From} -> {edge.Key.To}: {string.Join(", ", edge.Value.Take(6))}")))));
    }

    [Fact]
    public void A_cycle_is_found()
    {
        var cycles = Cycles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a")]);
        Assert.Equal(["a", "b", "c"], Assert.Single(cycles).Order());
    }

    /// <summary>Which namespace uses which, with the places.</summary>
    private static Dictionary<(string From, string To), SortedSet<string>> Edges(Assembly assembly)
    {
        var edges = new Dictionary<(string, string), SortedSet<string>>();
        foreach (var type in assembly.GetTypes().Where(type => IsOurs(type, assembly)))
        {
            foreach (var used in Used(type).SelectMany(Parts).Where(used => IsOurs(used, assembly) && used.Namespace != type.Namespace).Distinct())
            {
                var edge = (type.Namespace!, used.Namespace!);
                if (!edges.TryGetValue(edge, out var places))
                    edges[edge] = places = [];
                places.Add($"{Outermost(type).Name} uses {Outermost(used).Name}");
            }
        }
        return edges;
    }

    private static bool IsOurs(Type type, Assembly assembly) => type.Assembly == assembly && type.Namespace?.StartsWith("Pss.", StringComparison.Ordinal) == true;

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static IEnumerable<Type> Used(Type type)
    {
        IEnumerable<MemberInfo> attributed = [type, .. type.GetMembers(All)];
        return new[] { type.BaseType }.OfType<Type>()
            .Concat(type.GetInterfaces())
            .Concat(type.GetFields(All).Select(field => field.FieldType))
            .Concat(type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(UsedBy))
            .Concat(attributed.SelectMany(member => member.GetCustomAttributesData()).Select(attribute => attribute.AttributeType));
    }

    private static IEnumerable<Type> UsedBy(MethodBase method)
    {
        var signature = method.GetParameters().Select(parameter => parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var result })
            signature = signature.Append(result);
        if (method.GetMethodBody() is not { } body)
            return signature;
        var handled = body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause).Select(clause => clause.CatchType).OfType<Type>();
        return signature.Concat(body.LocalVariables.Select(local => local.LocalType)).Concat(handled).Concat(Tokens(method, body.GetILAsByteArray()!));
    }

    /// <summary>The types that a method's instructions name.</summary>
    private static IEnumerable<Type> Tokens(MethodBase method, byte[] code)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var i = 0; i < code.Length;)
        {
            var operation = Codes[code[i] == 0xfe ? unchecked((short)(0xfe00 | code[++i])) : code[i]];
            i++;
            if (operation.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                var member = method.Module.ResolveMember(BitConverter.ToInt32(code, i), ofType, ofMethod);
                foreach (var type in new[] { member as Type, member?.DeclaringType, (member as FieldInfo)?.FieldType, (member as MethodInfo)?.ReturnType })
                    if (type is not null)
                        yield return type;
                if (member is MethodInfo { IsGenericMethod: true } generic)
                    foreach (var argument in generic.GetGenericArguments())
                        yield return argument;
            }
            i += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, i),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
            return Parts(type.GetElementType()!);
        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()) : [type];
    }

    /// <summary>Groups of namespaces that reach each other.</summary>
    private static List<HashSet<string>> Cycles(HashSet<(string From, string To)> edges)
    {
        var names = edges.SelectMany(edge => new[] { edge.From, edge.To }).Distinct().Order(StringComparer.Ordinal).ToArray();
        var reached = names.ToDictionary(name => name, name => Reached(name, edges));
        var groups = new List<HashSet<string>>();
        foreach (var name in names.Where(name => reached[name].Contains(name) && !groups.Any(group => group.Contains(name))))
            groups.Add([.. names.Where(other => reached[name].Contains(other) && reached[other].Contains(name))]);
        return groups;
    }

    private static HashSet<string> Reached(string from, HashSet<(string From, string To)> edges)
    {
        var (found, open) = (new HashSet<string>(), new Stack<string>([from]));
        while (open.TryPop(out var name))
            foreach (var edge in edges.Where(edge => edge.From == name && found.Add(edge.To)))
                open.Push(edge.To);
        return found;
    }
}
