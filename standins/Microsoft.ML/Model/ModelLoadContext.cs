using System.IO.Compression;
using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal sealed class ModelLoadContext(IHostEnvironment env, ZipArchive zip, string folder)
{
    public ITransformer LoadPart(string name) => Load(env, zip, $"{folder}/{name}");

    public static ITransformer Load(IHostEnvironment env, ZipArchive zip, string folder)
    {
        var entry = zip.GetEntry($"{folder}/Model.key") ?? throw new FormatException($"The model file has no part '{folder}'");
        using var reader = new BinaryReader(entry.Open(), Encoding.UTF8);
        // The name carries the version: an older assembly is refused.
        var type = Assembly.Load(reader.ReadString()).GetType(reader.ReadString(), throwOnError: true);
        var create = type.GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic)
            ?? throw new FormatException($"{type} in part '{folder}' of the model file cannot be loaded");
        object[] arguments = create.GetParameters().Length == 2 ? [env, reader] : [env, reader, new ModelLoadContext(env, zip, folder)];
        return (ITransformer)create.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
