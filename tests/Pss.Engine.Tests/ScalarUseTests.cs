using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Pss.Engine.Inference;

namespace Pss.Engine.Tests;

/// <summary>
/// Nothing keeps the numbers alive that TorchSharp's operators take, see <see cref="TensorArithmetic"/>. The build bans those operators, but
/// its analyzer does not see compound assignments: a += b.
/// </summary>
public sealed class ScalarUseTests
{
    [Fact]
    public void The_engine_calls_no_operator_that_makes_a_scalar()
    {
        var operators = TensorOperators(typeof(Detector).Assembly.Location);
        // That it finds those that are safe shows that it looks where they are.
        Assert.Contains(("op_Multiply", true), operators);
        Assert.DoesNotContain(operators, call => call.Name == "op_Addition" || !call.OfTensorsOnly);
    }

    [Fact]
    public void Compound_assignments_are_seen()
    {
        _ = (Action<TorchSharp.torch.Tensor>)Compound;
        var operators = TensorOperators(typeof(ScalarUseTests).Assembly.Location);
        Assert.Contains(("op_Addition", true), operators);
        Assert.Contains(("op_Modulus", false), operators);

        static void Compound(TorchSharp.torch.Tensor tensor)
        {
            tensor += tensor;
            tensor %= 2;
        }
    }

    /// <summary>The operators of tensors that a program refers to, and whether operands and result are all tensors.</summary>
    private static List<(string Name, bool OfTensorsOnly)> TensorOperators(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var operators = new List<(string, bool)>();
        foreach (var member in metadata.MemberReferences.Select(metadata.GetMemberReference))
        {
            var name = metadata.GetString(member.Name);
            if (name is "op_Addition" or "op_Subtraction" or "op_Multiply" or "op_Division" or "op_Modulus" && IsTensor(member.Parent))
                operators.Add((name, Signature(member.Signature).All(type => type == member.Parent)));
        }
        return operators;

        bool IsTensor(EntityHandle type) => type.Kind == HandleKind.TypeReference
            && metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) == nameof(TorchSharp.torch.Tensor);

        // Result and operands; nil for what is no class or structure, such as a double.
        List<EntityHandle> Signature(BlobHandle signature)
        {
            var reader = metadata.GetBlobReader(signature);
            reader.ReadSignatureHeader();
            var types = new List<EntityHandle>();
            for (var left = reader.ReadCompressedInteger() + 1; left > 0; left--)
                types.Add(reader.ReadSignatureTypeCode() == SignatureTypeCode.TypeHandle ? reader.ReadTypeHandle() : default);
            return types;
        }
    }
}
