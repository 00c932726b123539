using Microsoft.ML.Data;

namespace Microsoft.ML.Runtime;

/// <summary>
/// What the sibling stand-ins reach by reflection (the file in standins/Shared), as the real ones reach these internals. Public types only:
/// <c>Type.GetType("Microsoft.ML.Runtime.Plumbing, Microsoft.ML").GetMethod(name).CreateDelegate(..)</c>.
/// Loading: the type given to <see cref="CreateTransformer"/> has a static, non-public <c>ITransformer Create(IHostEnvironment, BinaryReader)</c>
/// that reads what its <c>save</c> wrote.
/// </summary>
internal static class Plumbing
{
    /// <summary>The environment behind a catalog of the context; GPU, options and temporary folder are those of that context.</summary>
    public static IHostEnvironment EnvironmentOf(object catalog) => ((IInternalCatalog)catalog).Environment;

    public static int? GpuDeviceIdOf(IHostEnvironment env) => HostEnvironment.Of(env).Settings.GpuDeviceId;

    public static bool FallbackToCpuOf(IHostEnvironment env) => HostEnvironment.Of(env).Settings.FallbackToCpu;

    public static string TempFilePathOf(IHostEnvironment env) => HostEnvironment.Of(env).Settings.TempFilePath;

    public static void SetOption(IHostEnvironment env, string name, object value) => HostEnvironment.Of(env).Settings.Options[name] = value;

    /// <summary>The option, or null.</summary>
    public static object GetOption(IHostEnvironment env, string name) => HostEnvironment.Of(env).Settings.Options.GetValueOrDefault(name);

    /// <summary>A copy of <paramref name="shape"/> with a column added, or put in the place of the one of that name.</summary>
    public static SchemaShape WithColumn(SchemaShape shape, string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey) =>
        shape.With(new SchemaShape.Column(name, kind, itemType, isKey));

    /// <summary>The error of a column of the wrong type, or (both types null) of a missing one.</summary>
    public static Exception SchemaMismatch(string parameter, string column, string expected, string actual) =>
        expected is null ? Errors.MissingColumn(parameter, column) : Errors.SchemaMismatch(parameter, column, expected, actual);

    /// <summary>
    /// A whole row-to-row transformer. <paramref name="bind"/> looks at an input schema (and throws where it does not fit) and answers with: the columns
    /// to add; which input columns (by index) are needed for the outputs asked for (by number); the getters (one each output, null where not
    /// asked for) over a row, and what to dispose with that row (or null).
    /// </summary>
    public static ITransformer CreateTransformer(
        Type loader,
        Action<BinaryWriter> save,
        Func<DataViewSchema, (DataViewSchema.DetachedColumn[] Outputs, Func<Func<int, bool>, IEnumerable<int>> Inputs, Func<DataViewRow, Func<int, bool>, (Delegate[] Getters, Action Disposer)> Getters)> bind) =>
        new RowMappingTransformer(
            schema =>
            {
                var (outputs, inputs, getters) = bind(schema);
                return new RowMapping(outputs, inputs, getters);
            },
            ctx => ctx.Save(loader, save));
}
