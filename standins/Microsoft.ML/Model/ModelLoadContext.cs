using System.IO.Compression;
using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed class ModelLoadContext(IHostEnvironment env, ZipArchive zip, string folder)
{
    public ITransformer LoadPart(string name) => Load(env, zip, $"{folder}/{name}");

    /// <summary>The assembly of a name, in the version of the name or a newer one.</summary>
    public static Assembly LoadAssembly(string fullName)
    {
        var assembly = Assembly.Load(fullName);
        return assembly.GetName().Version >= new AssemblyName(fullName).Version
            ? assembly
            : throw new FileLoadException($"The model was saved with '{fullName}', which is newer than '{assembly.FullName}' here");
    }

    public static ITransformer Load(IHostEnvironment env, ZipArchive zip, string folder)
    {
        var entry = zip.GetEntry($"{folder}/Model.key") ?? throw new FormatException($"The model file has no part '{folder}'");
        using var reader = new BinaryReader(entry.Open(), Encoding.UTF8);
        var type = LoadAssembly(reader.ReadString()).GetType(reader.ReadString(), throwOnError: true);
        var create = type.GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new FormatException($"{type} in part '{folder}' of the model file cannot be loaded");
        object[] arguments = create.GetParameters().Length == 2 ? [env, reader] : [env, reader, new ModelLoadContext(env, zip, folder)];
        return (ITransformer)create.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
