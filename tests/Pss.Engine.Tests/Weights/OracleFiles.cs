
namespace Pss.Engine.Tests.Weights;

internal static class OracleFiles
{
    public static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Oracles", .. parts]);
}
