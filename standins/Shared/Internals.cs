using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What Microsoft.ML shares with its sibling packages only. Bound by reflection to its class of the same name, whose summaries hold here.</summary>
internal static class Internals
{
    internal static readonly Func<TransformsCatalog, IHostEnvironment> Environment = Bind<Func<TransformsCatalog, IHostEnvironment>>(nameof(Environment));
    internal static readonly Func<IHostEnvironment, MLContext> Context = Bind<Func<IHostEnvironment, MLContext>>(nameof(Context));
    internal static readonly Func<string, SchemaShape.Column.VectorKind, DataViewType, bool, SchemaShape.Column> Column
        = Bind<Func<string, SchemaShape.Column.VectorKind, DataViewType, bool, SchemaShape.Column>>(nameof(Column));
    internal static readonly RowToRowMaker RowToRow = Bind<RowToRowMaker>(nameof(RowToRow));
    internal static readonly Action<ModelSaveContext, Type, Action<BinaryWriter>> Save = Bind<Action<ModelSaveContext, Type, Action<BinaryWriter>>>(nameof(Save));

    internal delegate ITransformer RowToRowMaker(string[] inputColumns, Func<DataViewSchema, DataViewSchema.DetachedColumn[]> outputs,
        Func<DataViewRow, bool[], (Delegate[] Getters, Action Disposer)> getters, Action<ModelSaveContext> save);

    private static T Bind<T>(string method)
        where T : Delegate
        => typeof(MLContext).Assembly.GetType("Microsoft.ML.Internals", throwOnError: true)
            .GetMethod(method, System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic).CreateDelegate<T>();
}
