using System.Xml.Linq;

namespace StandIns.Tests.Api;

/// <summary>A stand-in carries no member that nothing in the solution uses.</summary>
public class UnusedMembersTests
{
    private static readonly string Root = FindRoot();
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    [Theory]
    [InlineData("TorchSharp")]
    [InlineData("Microsoft.ML")]
    [InlineData("Microsoft.ML.ImageAnalytics")]
    [InlineData("Microsoft.ML.OnnxTransformer")]
    public void Every_public_member_is_used_somewhere_in_the_solution(string standIn)
    {
        var referenced = Assemblies().Where(path => Path.GetFileNameWithoutExtension(path) != standIn)
            .SelectMany(AssemblySurface.Referenced).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(referenced);

        var unused = AssemblySurface.Callable(Built(Path.Combine(Root, "standins", standIn))).Where(member => !referenced.Contains(member)).ToList();
        // One accessor of a property in use keeps the other.
        unused.RemoveAll(member => member.Contains(".get_") && referenced.Any(r => r.StartsWith(member.Split('(')[0].Replace(".get_", ".set_"), StringComparison.Ordinal)));
        unused.RemoveAll(member => member.Contains(".set_") && referenced.Any(r => r.StartsWith(member.Split('(')[0].Replace(".set_", ".get_"), StringComparison.Ordinal)));
        Assert.True(unused.Count == 0, $"{unused.Count} members of {standIn} are used by nothing:\n{string.Join('\n', unused)}");
    }

    private static IEnumerable<string> Assemblies()
        => new[] { "src", "tests", "samples", "benchmarks", "standins" }
            .SelectMany(folder => Directory.GetDirectories(Path.Combine(Root, folder)))
            .Where(project => File.Exists(Path.Combine(project, Path.GetFileName(project) + ".csproj")))
            .Select(Built);

    private static string Built(string project)
    {
        var name = Path.GetFileName(project);
        name = (XElement.Load(Path.Combine(project, name + ".csproj")).Descendants("AssemblyName").SingleOrDefault()?.Value ?? name) + ".dll";
        var output = Path.Combine(project, "bin", Configuration);
        var path = Directory.Exists(output) ? Directory.GetFiles(output, name, SearchOption.AllDirectories).FirstOrDefault() : null;
        return path ?? throw new FileNotFoundException($"{project} is not built in {Configuration}: build the whole solution before this test.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pss.MLNet.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run outside the solution's folder.");
        return folder.FullName;
    }
}
