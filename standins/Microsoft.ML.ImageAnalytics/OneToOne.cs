using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms.Image;

/// <summary>What the transformers here share: one column made from one, both names first in the body of a saved model.</summary>
internal static class OneToOne
{
    internal const string Image = "image";

    internal delegate (Delegate Getter, Action Disposer) GetterMaker(DataViewRow row, DataViewSchema.Column input);

    internal static bool IsImage(DataViewType type) => type is ImageDataViewType;

    internal static ITransformer Create(Type transformer, string output, string input, Func<DataViewType, bool> accepts, string expected,
        Func<DataViewType, DataViewType> outputType, GetterMaker getter, Action<BinaryWriter> save)
    {
        return Internals.RowToRow([input], Outputs, Getters, ctx => Internals.Save(ctx, transformer, Write));

        DataViewSchema.DetachedColumn[] Outputs(DataViewSchema schema)
            => [new DataViewSchema.DetachedColumn(output, outputType(Columns.Require(schema, input, accepts, expected).Type))];

        (Delegate[] Getters, Action Disposer) Getters(DataViewRow row, bool[] active)
        {
            if (!active[0])
                return ([null], null);
            var (made, disposer) = getter(row, row.Schema[input]);
            return ([made], disposer);
        }

        void Write(BinaryWriter writer)
        {
            writer.Write(output);
            writer.Write(input);
            save(writer);
        }
    }
}
