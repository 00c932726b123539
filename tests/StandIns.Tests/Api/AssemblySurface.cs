using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace StandIns.Tests.Api;

/// <summary>The public members that an assembly defines, and the members of other assemblies that it refers to, read from metadata.</summary>
internal static class AssemblySurface
{
    private const MethodAttributes Visible = MethodAttributes.MemberAccessMask;

    /// <summary>Every public method, constructor and field of the public types, except what a caller never names in IL: constants,
    /// overrides, implementations of interfaces, and abstract members, which their implementers fulfil by name.</summary>
    public static IReadOnlyCollection<string> Callable(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        var members = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (!IsPublic(reader, type) || IsDelegate(reader, type))
                continue;
            var name = TypeName(reader, handle);
            foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
            {
                if ((method.Attributes & Visible) == MethodAttributes.Public && !method.Attributes.HasFlag(MethodAttributes.Virtual))
                    members.Add($"{name}.{reader.GetString(method.Name)}({Join(method.DecodeSignature(Names.Instance, null))})");
            }
            foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
            {
                if ((field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public
                    && !field.Attributes.HasFlag(FieldAttributes.Literal) && !field.Attributes.HasFlag(FieldAttributes.SpecialName))
                    members.Add($"{name}.{reader.GetString(field.Name)}");
            }
        }
        return members;
    }

    /// <summary>Every member of another assembly that this one refers to, in the form of <see cref="Callable"/>.</summary>
    public static IEnumerable<string> Referenced(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        foreach (var member in reader.MemberReferences.Select(reader.GetMemberReference))
        {
            var parent = member.Parent.Kind switch
            {
                HandleKind.TypeReference => Names.Instance.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0),
                HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(Names.Instance, null).Split('<')[0],
                _ => "",
            };
            yield return member.GetKind() == MemberReferenceKind.Method
                ? $"{parent}.{reader.GetString(member.Name)}({Join(member.DecodeMethodSignature(Names.Instance, null))})"
                : $"{parent}.{reader.GetString(member.Name)}";
        }
    }

    private static string Join(MethodSignature<string> signature) => string.Join(", ", signature.ParameterTypes);

    private static bool IsPublic(MetadataReader reader, TypeDefinition type)
    {
        var visibility = type.Attributes & TypeAttributes.VisibilityMask;
        return visibility == TypeAttributes.Public
            || (visibility == TypeAttributes.NestedPublic && IsPublic(reader, reader.GetTypeDefinition(type.GetDeclaringType())));
    }

    private static bool IsDelegate(MetadataReader reader, TypeDefinition type)
        => type.BaseType.Kind == HandleKind.TypeReference
            && reader.GetString(reader.GetTypeReference((TypeReferenceHandle)type.BaseType).Name) == "MulticastDelegate";

    private static string TypeName(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        return type.GetDeclaringType().IsNil ? $"{reader.GetString(type.Namespace)}.{name}" : $"{TypeName(reader, type.GetDeclaringType())}.{name}";
    }

    /// <summary>Spells types the same way whether they are defined here or referred to from elsewhere.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static readonly Names Instance = new();

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => TypeName(reader, handle);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{name}"
                : $"{reader.GetString(type.Namespace)}.{name}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind)
            => reader.GetTypeSpecification(handle).DecodeSignature(this, context);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();
        public string GetSZArrayType(string elementType) => elementType + "[]";
        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";
        public string GetByReferenceType(string elementType) => elementType + "&";
        public string GetPointerType(string elementType) => elementType + "*";
        public string GetPinnedType(string elementType) => elementType;
        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
        public string GetFunctionPointerType(MethodSignature<string> signature) => "method";
        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(",", typeArguments)}>";
        public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;
        public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;
    }
}
