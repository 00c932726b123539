namespace Microsoft.ML.Data;

/// <summary>Reads a saved chain; what comes back is a chain of <see cref="ITransformer"/>.</summary>
internal static class TransformerChain
{
    public static string PartName(int index) => $"Transform_{index:000}";

    private static TransformerChain<ITransformer> Create(Runtime.IHostEnvironment env, BinaryReader reader, ModelLoadContext ctx)
    {
        var scopes = new TransformerScope[reader.ReadInt32()];
        for (var i = 0; i < scopes.Length; i++)
        {
            scopes[i] = (TransformerScope)reader.ReadInt32();
        }

        return new([.. scopes.Select((_, i) => ctx.LoadPart(PartName(i)))], scopes);
    }
}
