using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Package.Tests;

/// <summary>The packages as a user gets them: programs that know nothing but PackageReferences.</summary>
public sealed class PackageTests(PackedPackages packages) : IClassFixture<PackedPackages>
{
    private static readonly string Program = OperatingSystem.IsWindows() ? ".exe" : "";

    [Fact]
    public void A_program_trains_and_saves_and_another_without_libtorch_loads_and_detects()
    {
        var train = packages.Make("Train", "build");
        var score = packages.Make("Score", "build");
        var data = packages.Temporary("data");
        var trained = Dotnet.Run(data, Path.Combine(train.Folder, $"Train{Program}"), data);
        var detected = Dotnet.Run(data, Path.Combine(score.Folder, $"Score{Program}"), Path.Combine(data, "model.zip"), Directory.GetFiles(Path.Combine(data, "images")).Order().First());

        var expected = Numbers(trained);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Numbers(detected), new Near(2e-3));
        Assert.DoesNotContain(Directory.EnumerateFiles(score.Folder, "*", SearchOption.AllDirectories), file => Path.GetFileName(file).Contains("torch_cpu", StringComparison.Ordinal));
        Assert.DoesNotContain(": warning PSS", train.Log);
    }

    [Fact]
    public void A_published_program_trains_too()
    {
        var train = packages.Make("Train", "publish", "--self-contained", "-r", RuntimeIdentifier);
        var data = packages.Temporary("published-data");
        Assert.NotEmpty(Numbers(Dotnet.Run(data, Path.Combine(train.Folder, $"Train{Program}"), data)));
    }

    [Theory]
    [InlineData("Pss.Engine")]
    [InlineData("Pss.MLNet")]
    public void A_package_says_who_made_it_under_what_license_and_brings_symbols(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.{packages.Version}.nupkg"));
        using var nuspec = package.GetEntry($"{name}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        string Value(string element) => metadata.Elements().Single(child => child.Name.LocalName == element).Value;
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.NotEmpty(Value("description"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.xml"));
        Assert.DoesNotContain(metadata.Descendants().Where(element => element.Name.LocalName == "dependency"),
            dependency => dependency.Attribute("id")!.Value.Contains("libtorch", StringComparison.OrdinalIgnoreCase));
        using var symbols = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.{packages.Version}.snupkg"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{name}.pdb"));
    }

    [Fact]
    public void The_command_line_is_installed_as_a_tool_and_works()
    {
        var (feed, tools) = (packages.Temporary("tool-feed"), packages.Temporary("tools"));
        packages.Pack(Path.Combine("samples", "Pss.Tool"), feed);
        Dotnet.Run(tools, "dotnet", "tool", "install", "Pss.Tool", "--tool-path", tools, "--version", packages.Version, "--add-source", feed);
        var program = Path.Combine(tools, $"pss-tool{Program}");
        Assert.Contains("inspect", Dotnet.Run(tools, program, "--help"));
        File.WriteAllText(Path.Combine(tools, "set.json"), """{"images": [], "annotations": [], "categories": [{"id": 1, "name": "cat"}]}""");
        Assert.Contains("0 objects of 1 class", Dotnet.Run(tools, program, "inspect", Path.Combine(tools, "set.json")));
    }

    [Fact]
    public void The_adaptation_goes_into_the_output_and_never_into_the_package_cache()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (built, log) = packages.Make("Train", "build", "-p:PssAdaptLibTorchSharp=true");
        var (original, _) = packages.Make("Train", "build", "-p:PssAdaptLibTorchSharp=false");
        Assert.True(Asks(Library(original)), "TorchSharp's own library no longer asks for GCC 13's C++ library: the adaptation can go.");
        Assert.False(Asks(Library(built)));
        Assert.Single(log.Split('\n'), line => line.Contains("adapted libLibTorchSharp.so", StringComparison.Ordinal));

        var (bundle, _) = packages.Make("Train", "publish", "-p:PssAdaptLibTorchSharp=true", "-r", RuntimeIdentifier, "--self-contained", "-p:PublishSingleFile=true");
        Assert.False(Asks(Library(bundle)));
        Assert.True(File.Exists(Path.Combine(bundle, "Train")));

        static string Library(string folder) => Directory.GetFiles(folder, "libLibTorchSharp.so", SearchOption.AllDirectories).Single();

        // The name of the function in the dynamic symbols; the list for debuggers, at the end of the file, keeps it.
        static bool Asks(string library) => Encoding.Latin1.GetString(File.ReadAllBytes(library)).Split("_ZSt21ios_base_library_initv\0").Length > 1;
    }

    private static string RuntimeIdentifier
        => OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

    private static double[] Numbers(string line)
        => [.. line.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(word => double.Parse(word, System.Globalization.CultureInfo.InvariantCulture))];

    private sealed class Near(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double value) => 0;
    }
}
