namespace Package.Tests;

/// <summary>Both packages, packed into a folder that serves as a feed, under a version that nothing else has.</summary>
public sealed class PackedPackages : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pss-packages-");

    public PackedPackages()
    {
        Version = $"0.1.0-test.{Environment.ProcessId}.{Environment.TickCount64}";
        foreach (var project in (string[])["Pss.Engine", "Pss.MLNet"])
            Pack(Path.Combine("src", project), Feed);
    }

    public string Version { get; }

    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>Copies a user's program to a folder of its own, apart from the repository's build files, and builds or publishes it.</summary>
    /// <returns>The folder of the program's files, and what the build said.</returns>
    public (string Folder, string Log) Make(string name, string verb, params string[] arguments)
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder.FullName, Guid.NewGuid().ToString("n"), name)).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Programs", name)))
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        // What the machine has in its package cache is taken from there; the two packages go nowhere but into the temporary folder.
        File.WriteAllText(Path.Combine(source, "Directory.Build.props"), $"""
            <Project>
              <PropertyGroup>
                <PssVersion>{Version}</PssVersion>
                <RestoreAdditionalProjectSources>{Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(_folder.FullName, "packages")}</RestorePackagesPath>
                <RestoreFallbackFolders>{PackageCache}</RestoreFallbackFolders>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
                <CreateHardLinksForPublishFilesIfPossible>true</CreateHardLinksForPublishFilesIfPossible>
              </PropertyGroup>
            </Project>
            """);
        var output = Path.Combine(source, "output");
        return (output, Dotnet.Run(source, "dotnet", [verb, "-c", "Release", "-o", output, "--nologo", .. arguments]));
    }

    /// <summary>Packs a built project of the repository.</summary>
    public void Pack(string project, string folder)
        => Dotnet.Run(Root, "dotnet", "pack", project, "-c", Configuration, "--no-build", "-o", folder, $"-p:PackageVersion={Version}", "--nologo");

    public string Temporary(string name) => Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    private static string PackageCache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Configuration
#if DEBUG
        => "Debug";
#else
        => "Release";
#endif

    private static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pss.MLNet.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("These tests pack a checkout's projects: run them inside one.");
        return folder.FullName;
    }
}
