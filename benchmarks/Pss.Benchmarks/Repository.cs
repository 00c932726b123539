
namespace Pss.Benchmarks;

/// <summary>Where the checkout lies.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pss.MLNet.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The benchmarks run inside a checkout only.");
        return folder.FullName;
    }
}
