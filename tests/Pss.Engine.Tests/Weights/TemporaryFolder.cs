
namespace Pss.Engine.Tests.Weights;

internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("pss-").FullName;

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
