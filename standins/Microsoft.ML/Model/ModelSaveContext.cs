using System.IO.Compression;
using System.Text;

namespace Microsoft.ML;

/// <summary>One folder of the zip that a model is saved as.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private readonly ZipArchive _zip;
    private readonly string _folder;

    internal ModelSaveContext(ZipArchive zip, string folder)
    {
        _zip = zip;
        _folder = folder;
    }

    public void Dispose()
    {
    }

    /// <summary>Writes which type reads this part, and what that type needs.</summary>
    internal void Save(Type loader, Action<BinaryWriter> payload)
    {
        using var writer = new BinaryWriter(_zip.CreateEntry($"{_folder}/Model.key").Open(), Encoding.UTF8);
        writer.Write(loader.Assembly.FullName);
        writer.Write(loader.FullName);
        payload(writer);
    }

    internal void SavePart(ICanSaveModel part, string name) => part.Save(new ModelSaveContext(_zip, $"{_folder}/{name}"));
}
