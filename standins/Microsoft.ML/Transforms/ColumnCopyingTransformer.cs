using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal ColumnCopyingTransformer(InputOutputColumnPair[] pairs)
        : base(pairs)
    {
    }

    private protected override ColumnMapping Map(DataViewSchema.Column input, int pair) =>
        new(input.Type, input.Annotations, row => row.GetterOf(input));

    private protected override void Save(ModelSaveContext ctx) => ctx.Save(GetType(), WritePairs);

    private static ColumnCopyingTransformer Create(IHostEnvironment env, BinaryReader reader) => new(ReadPairs(reader));
}
