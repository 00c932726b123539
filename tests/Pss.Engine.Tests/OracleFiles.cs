
namespace Pss.Engine.Tests;

internal static class OracleFiles
{
    public static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Oracles", .. parts]);
}
