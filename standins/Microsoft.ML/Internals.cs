using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// What the sibling stand-ins reach by reflection (standins/Shared/Internals.cs), as the real packages reach each other's internals.
/// </summary>
internal static class Internals
{
    /// <summary>The environment behind the catalog.</summary>
    internal static IHostEnvironment Environment(TransformsCatalog catalog) => ((IInternalCatalog)catalog).Environment;

    /// <summary>The context that an environment belongs to: its GPU, options and temporary folder.</summary>
    internal static MLContext Context(IHostEnvironment env) => HostEnvironment.ContextOf(env);

    internal static SchemaShape.Column Column(string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey) =>
        new(name, kind, itemType, isKey);

    /// <summary>
    /// A whole row-to-row transformer. <paramref name="outputs"/> looks at an input schema, throws where it does not fit, and answers with the
    /// columns to add; <paramref name="getters"/> gives, for a row and the outputs asked for, one getter each (null where not asked for) and what to
    /// run when that row is disposed of (or null). All of <paramref name="inputColumns"/> are active as soon as one output is.
    /// </summary>
    internal static ITransformer RowToRow(
        string[] inputColumns,
        Func<DataViewSchema, DataViewSchema.DetachedColumn[]> outputs,
        Func<DataViewRow, bool[], (Delegate[] Getters, Action Disposer)> getters,
        Action<ModelSaveContext> save) =>
        new RowMappingTransformer(
            schema =>
            {
                var added = outputs(schema);
                return new RowMapping(
                    added,
                    active => Enumerable.Range(0, added.Length).Any(active) ? inputColumns.Select(name => schema[name].Index) : [],
                    (row, active) => getters(row, [.. Enumerable.Range(0, added.Length).Select(active)]));
            },
            save);

    /// <summary>
    /// Writes a loadable part: <paramref name="loader"/> has a static, non-public <c>Create(IHostEnvironment, BinaryReader)</c> that reads what
    /// <paramref name="payload"/> wrote and returns the transformer.
    /// </summary>
    internal static void Save(ModelSaveContext ctx, Type loader, Action<BinaryWriter> payload) => ctx.Save(loader, payload);
}
